// A table over time that grows as it is asked, for readers in several threads. Tables that were outgrown are kept: a
// reader may be in one. They grow by at least a half, so that all of them together are not much more than the last.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "loomline/planning/calendar.hpp"

namespace loomline::planning {

// `Table` has `Time from, to`: what it covers.
template <class Table>
class Growing {
 public:
  // A table that covers [from, to], as far as the years go that calendars know. `make(from, to)` expands one anew.
  template <class Make>
  const Table& covering(Time from, Time to, const Make& make) const {
    from = std::clamp(from, kFirst, kLast);
    to = std::clamp(to, kFirst, kLast);
    const auto covers = [&](const Table* t) { return t != nullptr && t->from <= from && to <= t->to; };
    if (const auto* known = current_.load(std::memory_order_acquire); covers(known)) return *known;
    const std::lock_guard lock(growing_);
    const auto* known = current_.load(std::memory_order_relaxed);
    if (covers(known)) return *known;
    from -= std::chrono::days{32};
    to += std::chrono::days{192};
    if (known != nullptr) {
      const auto more = std::min<Duration>(std::chrono::days{366}, (known->to - known->from) / 2);
      if (to > known->to) to += more;
      from = std::min(from, known->from);
      to = std::max(to, known->to);
    }
    tables_.push_back(std::make_unique<const Table>(make(from, to)));
    current_.store(tables_.back().get(), std::memory_order_release);
    return *tables_.back();
  }

 private:
  static constexpr Time kFirst = std::chrono::sys_days{std::chrono::year{1971} / 1 / 1};
  static constexpr Time kLast = std::chrono::sys_days{std::chrono::year{2199} / 1 / 1};
  mutable std::atomic<const Table*> current_{nullptr};
  mutable std::mutex growing_;
  mutable std::vector<std::unique_ptr<const Table>> tables_;
};

}  // namespace loomline::planning
