#include "worker_pool.hpp"

#include <utility>

#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::rpc {

WorkerPool::WorkerPool(std::string service, int threads, std::size_t limit)
    : service_(std::move(service)), limit_(limit) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

bool WorkerPool::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= limit_) return false;
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkerPool::run() {
  const telemetry::ServiceScope scope(service_);
  name_thread(service_, "rpc");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds dies outside the lock
    lock.lock();
  }
}

}  // namespace loomline::rpc
