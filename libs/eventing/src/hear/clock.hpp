// The business clock of one process: the wall, or what the clock topic says last.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "loomline/eventing/runtime.hpp"

namespace loomline::eventing {

class BusinessClock {
 public:
  // Runtimes of one process with the same broker and installation share one clock (and one consumer of its topic).
  static std::shared_ptr<BusinessClock> of(ClockMode mode, const std::string& kafka, const std::string& installation);

  Time now() const;
  bool is_wall() const { return mode_ == ClockMode::wall; }
  // Never goes back.
  void advance(Time to);

  // Calls back after each advance, on the tail's thread; keep it short. The subscription ends with the handle.
  class Subscription {
   public:
    Subscription(BusinessClock* clock, std::list<std::function<void()>>::iterator place)
        : clock_(clock), place_(place) {}
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    BusinessClock* clock_;
    std::list<std::function<void()>>::iterator place_;
  };
  std::unique_ptr<Subscription> subscribe(std::function<void()> callback);

  explicit BusinessClock(ClockMode mode) : mode_(mode) {}

 private:
  ClockMode mode_;
  std::atomic<std::int64_t> micros_{0};
  std::mutex mutex_;
  std::list<std::function<void()>> callbacks_;
  std::unique_ptr<Tail> tail_;  // last: stopped first
};

}  // namespace loomline::eventing
