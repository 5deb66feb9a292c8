#include "src/patience.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

namespace loomline::postgres {

namespace {

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

// One for all sessions of the process: looks at each several times within its limit. It goes with the last of them.
class Watchman {
 public:
  void add(Patience* one) {
    const std::lock_guard lock(mutex_);
    watched_.insert(one);
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    changed_.notify_one();
  }
  void remove(Patience* one) {
    const std::lock_guard lock(mutex_);
    watched_.erase(one);
  }
  static const std::shared_ptr<Watchman>& the() {
    static const auto watchman = std::make_shared<Watchman>();
    return watchman;
  }

 private:
  void watch(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      std::chrono::milliseconds rest(1000);
      const auto now = steady_ms();
      for (auto* one : watched_) {
        rest = std::min(rest, std::max(one->limit_ / 4, std::chrono::milliseconds(10)));
        const auto asked = one->asked_ms_.load();
        if (asked == 0 || one->over_ || now - asked < one->limit_.count()) continue;
        one->over_ = true;
        ::shutdown(one->socket_, SHUT_RDWR);
      }
      if (watched_.empty()) {
        changed_.wait(lock, stop, [this] { return !watched_.empty(); });
      } else {
        changed_.wait_for(lock, stop, rest, [] { return false; });
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<Patience*> watched_;
  std::jthread thread_;  // last: it ends first
};

Patience::Patience(int socket, std::chrono::milliseconds limit)
    : socket_(socket), limit_(limit), watchman_(limit.count() > 0 ? Watchman::the() : nullptr) {
  if (watchman_) watchman_->add(this);
}
Patience::~Patience() {
  if (watchman_) watchman_->remove(this);
}

Patience::Question::Question(Patience* patience) : patience_(patience) {
  if (patience_ != nullptr) patience_->asked_ms_ = steady_ms();
}
Patience::Question::~Question() {
  if (patience_ != nullptr) patience_->asked_ms_ = 0;
}

}  // namespace loomline::postgres
