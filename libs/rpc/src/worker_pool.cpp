#include "worker_pool.hpp"

#include <utility>

#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::rpc {

WorkerPool::WorkerPool(std::string service, int threads, std::size_t limit)
    : service_(std::move(service)), limit_(limit) {
  for (int i = 0; i < threads; ++i) {
    auto& worker = *workers_.emplace_back(std::make_unique<Worker>());
    worker.thread = std::thread([this, &worker] { run(worker); });
  }
}

bool WorkerPool::submit(std::function<void()> task) {
  Worker* worker = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (asleep_.empty()) {
      if (queue_.size() >= limit_) return false;
      queue_.push_back(std::move(task));
      return true;
    }
    worker = asleep_.back();
    asleep_.pop_back();
    worker->task = std::move(task);
  }
  worker->wake.notify_one();
  return true;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (auto& worker : workers_) worker->wake.notify_one();
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkerPool::run(Worker& worker) {
  const telemetry::ServiceScope scope(service_);
  name_thread(service_, "rpc");
  std::unique_lock lock(mutex_);
  while (true) {
    std::function<void()> task;
    if (!queue_.empty()) {
      task = std::move(queue_.front());
      queue_.pop_front();
    } else {
      if (stopping_) return;
      asleep_.push_back(&worker);
      worker.wake.wait(lock, [&] { return stopping_ || worker.task; });
      if (!worker.task) return;
      task = std::exchange(worker.task, nullptr);
    }
    lock.unlock();
    task();
    task = nullptr;  // what it holds dies outside the lock
    lock.lock();
  }
}

}  // namespace loomline::rpc
