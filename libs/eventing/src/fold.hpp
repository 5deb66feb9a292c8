// The heart of a step, without I/O: one aggregate, what is offered to it, and what comes of it. The engine (state in
// PostgreSQL) and the test harness (state in memory) run exactly this.
#pragma once

#include <google/protobuf/arena.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loomline/eventing/service.hpp"
#include "src/registry.hpp"

namespace loomline::eventing {

// The clocks of a step: business time, and recorded (wall) time.
struct Moment {
  Time now{};
  Time wall{};
};

// An event or a due timer on its way to one aggregate.
struct Offer {
  bool timer = false;
  std::string id;      // ce_id, or the timer's id
  std::string type;    // full message name, or the timer's whole name
  std::string source;  // who said it; a timer: "timer/" + name, so that timers queue behind nothing else
  Time recorded{};
  std::string traceparent;
  std::string body;
  std::string topic;  // where it was read; empty for a timer
  int partition = -1;
  std::int64_t offset = -1;
};

// An offer that waits for its precondition, or behind another one of its source, or for a parked key.
struct Waiting {
  std::int64_t id = 0;  // its row; 0 while it is new
  Offer offer;
  std::string reason;
};

// An event to publish.
struct Outgoing {
  const Topic* topic = nullptr;
  std::string tenant, key, type, body, causation, traceparent;
  Time time{};  // at first the least legal value; assign_times makes it final
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
  struct Loaded {
    bool exists = false;  // has a state
    std::string state;
    std::int64_t version = 0;
    Time last_time{};
    std::string parked;  // the dead letter that parks the key, or empty
    std::vector<Waiting> waiting;
  };
  // `out` collects what is published by all folds of one batch, in order.
  Fold(const Registry& registry, const AggregateDef& def, std::string tenant, std::string key, Loaded loaded,
       std::vector<Outgoing>& out);

  // Applies, queues or dead-letters the offer.
  Verdict offer(const Offer& offer, const Moment& moment);
  // Dead-letters the offer for a reason found outside (the database refused its effects) and parks the key.
  void condemn(const Offer& offer, std::string reason, const Moment& moment);
  Status command(const CommandHandler& handler, const Message& request, Message& response, Cause cause,
                 const Moment& moment);
  // An operator's decision on the dead letter that parks the key. Replay: applied or ignored un-parks; else the reason.
  Verdict replay(const Offer& offer, const Moment& moment);
  void drop(const Moment& moment);

  const AggregateDef& def() const { return def_; }
  const std::string& tenant() const { return tenant_; }
  const std::string& key() const { return key_; }

  // What is left to write.
  bool state_changed() const { return state_changed_; }
  bool exists() const { return exists_; }
  const std::string& state_bytes();
  std::int64_t version() const { return version_; }
  Time last_time = {};
  const std::string& parked() const { return parked_; }
  const std::deque<Waiting>& waiting() const { return waiting_; }
  const std::vector<std::int64_t>& settled() const { return settled_; }
  const std::map<std::string, Step::TimerChange>& timers() const { return timers_; }
  const std::map<std::string, std::vector<std::string>>& indexes() const { return indexes_; }
  const std::vector<DeadOffer>& dead() const { return dead_; }
  // True where this batch changed the row besides its state (queue, park, last_time).
  bool touched() const { return touched_; }
  void touch() { touched_ = true; }
  // Steps applied in this batch.
  int applied() const { return applied_; }

 private:
  Verdict apply(const Offer& offer, const Moment& moment);
  Verdict call(const Offer& offer, Step& step);
  std::vector<Outgoing> read_back(const Step& step, const Cause& cause, const Moment& moment);
  void absorb(const Step& step, std::vector<Outgoing> outgoing);
  void settle(const Moment& moment);
  void checkpoint();
  void restore();
  void park(const Offer& offer, std::string reason, const Moment& moment);

  const Registry& registry_;
  const AggregateDef& def_;
  std::string tenant_, key_;
  std::vector<Outgoing>& out_;
  google::protobuf::Arena arena_;  // a state of many small messages comes and goes as one
  Message* state_;
  bool exists_;
  bool checkpoint_fresh_ = true;
  std::string checkpoint_;
  std::int64_t version_;
  std::string parked_;
  std::deque<Waiting> waiting_;
  bool state_changed_ = false;
  bool touched_ = false;
  int applied_ = 0;
  std::vector<std::int64_t> settled_;
  std::map<std::string, Step::TimerChange> timers_;
  std::map<std::string, std::vector<std::string>> indexes_;
  std::vector<DeadOffer> dead_;
};

// Makes the recorded times final: strictly increasing by topic partition in this batch and by aggregate, never before
// the cause. `lane` gives a key's partition.
void assign_times(std::vector<Outgoing>& out, int partitions);

// The prefix of a timer's name before '/': what its handler is registered under.
std::string_view timer_handler_name(std::string_view name);

}  // namespace loomline::eventing
