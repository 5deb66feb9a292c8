// Credentials that were seen lately, good ones and bad ones, and what guessing costs. By hash: no secret is kept. Time
// is an argument; memory is bounded.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "api/rate_limit.hpp"
#include "api/recent.hpp"
#include "loomline/base/status.hpp"

namespace loomline::edge {

// What intake is asked only once in a while. Thread safe.
template <class Good>
class Credentials {
 public:
  struct Verdict {
    std::optional<Good> good;
    Status bad;
  };

  explicit Credentials(std::size_t most = 10'000) : good_(most), bad_(most) {}

  // What is still believed.
  std::optional<Verdict> remembered(const std::string& hash, Moment now) {
    const std::lock_guard lock(mutex_);
    if (auto* known = good_.find(hash); known != nullptr && known->until > now) return Verdict{known->value, {}};
    if (auto* known = bad_.find(hash); known != nullptr && known->until > now)
      return Verdict{std::nullopt, known->value};
    return std::nullopt;
  }
  // It was good or bad before, however long ago: to show it again is no guess.
  bool seen(const std::string& hash) {
    const std::lock_guard lock(mutex_);
    return good_.find(hash) != nullptr || bad_.find(hash) != nullptr;
  }
  void is_good(const std::string& hash, Good good, Moment until) {
    const std::lock_guard lock(mutex_);
    bad_.erase(hash);
    good_.at(hash) = {std::move(good), until};
  }
  void is_bad(const std::string& hash, Status why, Moment until) {
    const std::lock_guard lock(mutex_);
    good_.erase(hash);
    bad_.at(hash) = {std::move(why), until};
  }

 private:
  template <class Value>
  struct Known {
    Value value{};
    Moment until{};
  };
  std::mutex mutex_;
  Recent<Known<Good>> good_;
  Recent<Known<Status>> bad_;  // apart, so that a flood of guesses pushes no good one out
};

// Wrong credentials of each address. Thread safe.
class Guesses {
 public:
  explicit Guesses(int free, std::size_t most_addresses = 10'000) : free_(free), addresses_(most_addresses) {}

  // How long the address has to wait until a credential of it that was never seen is looked at; nothing: not at all.
  std::optional<Seconds> wait(const std::string& address, Moment now);
  // One was wrong.
  void wrong(const std::string& address, Moment now);

 private:
  struct Record {
    double count = 0;  // at `at`; one is forgiven each half minute
    Moment at{};
    Moment blocked_until{};
  };
  const double free_;
  std::mutex mutex_;
  Recent<Record> addresses_;
};

}  // namespace loomline::edge
