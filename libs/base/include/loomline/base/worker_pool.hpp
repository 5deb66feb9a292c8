// Threads for handlers that may block, behind a bounded queue. Thread safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace loomline {

class WorkerPool {
  struct Worker {
    std::condition_variable wake;
    std::function<void()> task;  // given while it slept
    std::thread thread;
  };

 public:
  // What is around the work of each thread (its name, whose log lines it writes): calls `work` once.
  using Around = std::function<void(const std::function<void()>& work)>;

  // `queue` tasks may wait beside those that run.
  WorkerPool(int threads, std::size_t queue, Around around);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False where the queue is full or the pool is stopping; the task is not run then. Never blocks.
  bool submit(std::function<void()> task);
  // The turn of a thread that sleeps, which the caller takes in its place: not more run at once than the pool has
  // threads. Lives on the stack, no longer than the pool.
  class Turn {
   public:
    ~Turn() {
      if (worker_ != nullptr) pool_->give_back(*worker_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    explicit operator bool() const { return worker_ != nullptr; }

   private:
    friend class WorkerPool;
    Turn(WorkerPool* pool, Worker* worker) : pool_(pool), worker_(worker) {}
    WorkerPool* pool_;
    Worker* worker_;
  };
  // False where no thread sleeps or the pool is stopping. Never blocks.
  [[nodiscard]] Turn take_turn();
  // Runs what is queued, then joins. Idempotent; not from one of its own threads.
  void stop();
  std::size_t waiting() const;

 private:
  void run(Worker& worker);
  void give_back(Worker& worker);

  const std::size_t capacity_;
  const Around around_;
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> asleep_;  // the one that slept last wakes first: its memory is still in the processor's caches
};

}  // namespace loomline
