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
  // Runs what is queued, then joins. Idempotent; not from one of its own threads.
  void stop();
  std::size_t waiting() const;

 private:
  struct Worker {
    std::condition_variable wake;
    std::function<void()> task;  // given while it slept
    std::thread thread;
  };

  void run(Worker& worker);

  const std::size_t capacity_;
  const Around around_;
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> asleep_;  // the one that slept last wakes first: its memory is still in the processor's caches
};

}  // namespace loomline
