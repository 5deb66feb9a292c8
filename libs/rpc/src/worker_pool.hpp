// A fixed number of threads behind a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace loomline::rpc {

class WorkerPool {
 public:
  // `service` names the log lines of the threads; `limit` tasks may wait beside those that run.
  WorkerPool(std::string service, int threads, std::size_t limit);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False where the queue is full or the pool stopped. Never blocks.
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

  const std::string service_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> asleep_;  // the one that slept last wakes first: its memory is still in the processor's caches
};

}  // namespace loomline::rpc
