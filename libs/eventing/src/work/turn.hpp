// Whose turn it is to change a worker's state. Unlike a mutex it may be taken over: a thread that is stuck in a handler
// never gives it back.
#pragma once

#include <condition_variable>
#include <mutex>

namespace loomline::eventing {

class Turn {
 public:
  void acquire() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return !taken_; });
    taken_ = true;
  }
  void release() {
    {
      const std::lock_guard lock(mutex_);
      taken_ = false;
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
};

class HoldTurn {
 public:
  explicit HoldTurn(Turn& turn) : turn_(&turn) { turn.acquire(); }
  ~HoldTurn() {
    if (turn_ != nullptr) turn_->release();
  }
  HoldTurn(const HoldTurn&) = delete;
  HoldTurn& operator=(const HoldTurn&) = delete;
  // Another thread has taken over: it is theirs to give back.
  void abandon() { turn_ = nullptr; }

 private:
  Turn* turn_;
};

}  // namespace loomline::eventing
