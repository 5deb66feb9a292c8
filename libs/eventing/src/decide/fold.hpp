// The heart of a step, without I/O: one aggregate, what is offered to it, and what comes of it. The engine (rows in
// PostgreSQL) and the test harness (rows in memory) run exactly this.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/decide/registry.hpp"
#include "src/decide/resident.hpp"

namespace loomline::eventing {

// The clocks of a step: business time, and recorded (wall) time. `order` is the message's place in the step.
struct Moment {
  Time now{};
  Time wall{};
  std::uint64_t order = 0;
};

// An event to publish.
struct Outgoing {
  const Topic* topic = nullptr;
  std::string tenant, key, type, body, causation, traceparent;
  Time time{};  // at first the least legal value; assign_times makes it final
  std::uint64_t order = 0;
  class Fold* from = nullptr;
};

struct DeadOffer {
  std::string id;  // "dlq_..."
  Offer offer;
  std::string reason;
};

inline constexpr std::size_t kLargestEvent = 900'000;  // bytes; the broker's limit is 1,048,588 with headers

class Fold {
 public:
  // Works on the resident itself: keep() once all was committed, else undo().
  Fold(const Registry& registry, std::shared_ptr<Resident> resident);

  // Applies, queues or dead-letters the offer.
  Verdict offer(const Offer& offer, const Moment& moment);
  // Queues the offer without trying it; it is offered again by itself.
  void set_aside(const Offer& offer, std::string reason);
  // Offers what waits and may go on, in order.
  void offer_aside(const Moment& moment);
  // Dead-letters the offer for a reason found outside (the database refused its effects) and parks the key.
  void condemn(const Offer& offer, std::string reason, const Moment& moment);
  Status command(const CommandHandler& handler, const Message& request, Message& response, Cause cause,
                 const Moment& moment);
  // An operator's decision on the dead letter that parks the key. Replay: applied or ignored un-parks; else the reason.
  Verdict replay(const Offer& offer, const Moment& moment);
  void drop(const Moment& moment);

  const Resident& resident() const { return *resident_; }
  const std::shared_ptr<Resident>& share() const { return resident_; }
  const KeyId& id() const { return resident_->id; }

  // What is left to write.
  bool state_changed() const { return state_changed_; }
  bool exists() const { return resident_->exists; }
  const std::string& state_bytes();
  std::int64_t version() const { return resident_->version; }  // as it was read
  Time last_time() const { return resident_->last_time; }
  void last_time(Time time);
  const std::string& parked() const { return resident_->parked; }
  const std::deque<Waiting>& waiting() const { return resident_->waiting; }
  // Event ids of the stored offers that wait no more.
  const std::vector<std::string>& settled() const { return settled_; }
  const std::map<std::string, Step::TimerChange>& timers() const { return timers_; }
  const std::map<std::string, std::vector<std::string>>& indexes() const { return indexes_; }
  const std::vector<DeadOffer>& dead() const { return dead_; }
  const std::set<PartStore::Name>& touched_parts() const { return touched_parts_; }
  std::vector<Outgoing>& out() { return out_; }
  // Whether anything is to be written. A row that is only read is still compared by its version.
  bool touched() const { return touched_; }
  // Nothing is left of the aggregate: its row goes.
  bool empty() const { return !exists() && waiting().empty() && parked().empty(); }

  // After the commit: the resident is what was committed, under this version.
  void keep(std::int64_t version);
  // The commit failed: the resident is again what was committed before.
  void undo();

 private:
  // Where to go back to.
  struct Mark {
    PartStore parts;
    std::unique_ptr<Derived> derived;
  };
  Verdict apply(const Offer& offer, const Moment& moment);
  Verdict call(const Offer& offer, Step& step);
  std::vector<Outgoing> read_back(const Step& step, const Cause& cause, const Moment& moment);
  void absorb(const Step& step, std::vector<Outgoing> outgoing);
  void settle(const Moment& moment);
  bool strange(const Offer& offer) const;
  Mark mark() const;
  void checkpoint();
  void restore(Mark mark);
  void park(const Offer& offer, std::string reason, const Moment& moment);

  const Registry& registry_;
  std::shared_ptr<Resident> resident_;
  std::vector<Outgoing> out_;
  bool checkpoint_fresh_ = true;  // resident_->bytes (before a first change) or checkpoint_ is the state
  std::string checkpoint_;
  bool state_changed_ = false;
  bool touched_ = false;
  std::vector<std::string> settled_;
  std::map<std::string, Step::TimerChange> timers_;
  std::map<std::string, std::vector<std::string>> indexes_;
  std::vector<DeadOffer> dead_;
  std::set<PartStore::Name> touched_parts_;
  // As committed, for undo().
  Mark before_;
  bool before_exists_;
  Time before_last_time_;
  std::string before_parked_;
  std::deque<Waiting> before_waiting_;
};

// All that several folds of one step publish, in order, with final recorded times: strictly increasing by topic
// partition in this step and by aggregate, never before the cause.
std::vector<const Outgoing*> assign_times(const std::vector<Fold*>& folds, int partitions);

// The prefix of a timer's name before '/': what its handler is registered under.
std::string_view timer_handler_name(std::string_view name);
// A timer that is due, as it is offered to its key; `recorded` is left to the caller.
Offer timer_offer(const KeyId& id, const std::string& name, Time due, std::string payload);

}  // namespace loomline::eventing
