#include "loomline/base/worker_pool.hpp"

#include <utility>

namespace loomline {

WorkerPool::WorkerPool(int threads, std::size_t queue, Around around) : capacity_(queue), around_(std::move(around)) {
  for (int i = 0; i < threads; ++i) {
    auto& worker = *workers_.emplace_back(std::make_unique<Worker>());
    worker.thread = std::thread([this, &worker] { around_([this, &worker] { run(worker); }); });
  }
}

bool WorkerPool::submit(std::function<void()> task) {
  Worker* worker = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (asleep_.empty()) {
      if (tasks_.size() >= capacity_) return false;
      tasks_.push_back(std::move(task));
      return true;
    }
    worker = asleep_.back();
    asleep_.pop_back();
    worker->task = std::move(task);
  }
  worker->wake.notify_one();
  return true;
}

WorkerPool::Turn WorkerPool::take_turn() {
  const std::lock_guard lock(mutex_);
  if (stopping_ || asleep_.empty()) return {this, nullptr};
  auto* worker = asleep_.back();
  asleep_.pop_back();
  return {this, worker};
}

void WorkerPool::give_back(Worker& worker) {
  {
    const std::lock_guard lock(mutex_);
    // Where it is stopping, the threads come for what is queued by themselves.
    if (stopping_ || tasks_.empty()) {
      asleep_.push_back(&worker);
      return;
    }
    worker.task = std::move(tasks_.front());
    tasks_.pop_front();
  }
  worker.wake.notify_one();
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
  return tasks_.size();
}

void WorkerPool::run(Worker& worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    std::function<void()> task;
    if (!tasks_.empty()) {
      task = std::move(tasks_.front());
      tasks_.pop_front();
    } else {
      if (stopping_) return;
      asleep_.push_back(&worker);
      worker.wake.wait(lock, [&] { return stopping_ || worker.task; });
      if (!worker.task) continue;  // stopping
      task = std::exchange(worker.task, nullptr);
    }
    lock.unlock();
    task();
    task = nullptr;  // what it holds dies outside the lock
    lock.lock();
  }
}

}  // namespace loomline
