// What the workers, the operator and the readers of one service share.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "loomline/eventing/runtime.hpp"
#include "src/clocks.hpp"
#include "src/commit/step_store.hpp"
#include "src/decide/registry.hpp"
#include "src/decide/resident.hpp"
#include "src/hear/clock.hpp"
#include "src/hear/gaps.hpp"
#include "src/operate/metrics.hpp"
#include "src/publish/publisher.hpp"

namespace loomline::eventing {

// The last committed snapshots of the large aggregates that this process works on.
class Snapshots {
 public:
  Snapshots();
  void put(const Resident& resident);
  void drop(const KeyId& id);
  // Forgets everything of these lanes: another process may work on them from now on.
  void drop_lanes(const std::function<bool(int lane)>& gone, int partitions);
  std::shared_ptr<const Snapshot> get(const KeyId& id) const;

  // Calls back after each put() of an aggregate of that kind.
  std::unique_ptr<Listening> listen(std::string kind, Runtime::OnChange on_change);

 private:
  struct Listeners;

  mutable std::mutex mutex_;
  std::map<KeyId, std::shared_ptr<const Snapshot>> by_id_;
  std::shared_ptr<Listeners> listeners_;
};

// A snapshot of a resident; null where it has no state.
std::shared_ptr<const Snapshot> snapshot_of(const Resident& resident);

// How long things may take before somebody does something about it.
struct Limits {
  std::chrono::milliseconds budget{30};                 // of handlers in one step
  std::chrono::milliseconds slow{200};                  // a handler that takes longer gets a thread of its own
  std::chrono::milliseconds endless{60'000};            // one that takes longer parks its key
  std::size_t resident_bytes = std::size_t{192} << 20;  // of states kept in memory, each service
};

struct Engine {
  const Registry& registry;
  StepStore& store;
  Publisher& publisher;
  BusinessClock& clock;
  GapDesk& gaps;
  std::string instance, prefix;
  int partitions;
  Limits limits;
  Snapshots& snapshots;
  const Clocks& clocks;
  // Held by threads that may outlive their service.
  std::weak_ptr<void> self = {};
  Metrics metrics{registry.service()};
  std::atomic<std::int64_t> steps{0};
  // Commits that may have changed what is to be done: timers, kept events, dead letters.
  std::atomic<std::int64_t> stirred{0};
  // Threads whose handler never ended. They cannot be stopped, only left alone.
  std::atomic<int> lost_threads{0};
  // Counts a transaction and the steps in it.
  void count(std::int64_t applied, bool stirs) {
    if (stirs) ++stirred;
    steps += applied;
    metrics.steps.increment(static_cast<double>(applied));
    metrics.transactions.increment();
  }
  // Tells the lanes that a timer was set or that something else may be due.
  std::function<void(Time due)> on_timer = [](Time) {};
};

}  // namespace loomline::eventing
