// One transaction of the kernel: locks and loads the aggregates that a batch concerns, and writes all that came of it
// in array statements, the last of them in one round trip with COMMIT. Used by lanes, commands, timers and operators.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "loomline/postgres/transaction.hpp"
#include "src/decide/fold.hpp"

namespace loomline::eventing {

// Ordered as PostgreSQL orders them (C collation), so that locks are taken in one order everywhere.
struct KeyId {
  std::string tenant, kind, key;
  auto operator<=>(const KeyId&) const = default;
};

// A consumed partition that moves on, by compare-and-set.
struct OffsetMove {
  std::string topic;
  int partition = 0;
  std::int64_t expected = 0, next = 0, epoch = 0;
};
// The last seq of a chain that was heard.
struct ChainHeard {
  std::string topic;
  int partition = 0;
  std::string source;
  std::int64_t epoch = 0, last = 0;
};
// A dead letter without an aggregate (foreign bytes).
struct ForeignLetter {
  std::string id;
  Offer offer;
  std::string key, reason;
};
struct FiredTimer {
  KeyId key;
  std::string name;
};
struct Answered {
  std::string scope, response;
};

// An event with its place in its chain, as committed.
struct Committed {
  std::int64_t chain = 0, seq = 0;
  std::string tenant, key, type, body, causation, traceparent;
  Time time{};
};

class Batch {
 public:
  Batch(const Registry& registry, int partitions) : registry_(registry), partitions_(partitions) {}

  // Queues the statements that insert missing rows, lock all and read them; then call loaded() with the second answer.
  void queue_load(postgres::Transaction& transaction, const std::set<KeyId>& keys);
  static constexpr std::size_t kLoadStatements = 2;
  // Reads the answer of the locking statement; may read waiting offers in another trip.
  void loaded(postgres::Transaction& transaction, const postgres::Rows& rows);

  Fold& fold(const KeyId& key) { return *folds_.at(key); }
  const std::map<KeyId, std::unique_ptr<Fold>>& folds() const { return folds_; }

  // What is written besides the folds.
  std::vector<OffsetMove> offsets;
  std::vector<ChainHeard> heard;
  std::vector<ForeignLetter> foreign;
  std::map<std::pair<std::string, std::string>, std::int64_t> skipped;  // (topic, type) -> count
  std::vector<FiredTimer> fired;
  std::vector<Answered> answered;
  std::vector<std::string> unanswered;  // idempotency scopes whose command was refused

  // Writes everything and commits; answers what must be published now. Error(refused) where an offset had moved.
  std::vector<Committed> commit(postgres::Transaction& transaction);
  // The earliest timer that was set, or Time::max().
  Time earliest_timer() const { return earliest_timer_; }

 private:
  void queue_states(postgres::Transaction& transaction);
  void queue_timers(postgres::Transaction& transaction);
  void queue_indexes(postgres::Transaction& transaction) const;
  void queue_waiting(postgres::Transaction& transaction) const;
  void queue_letters(postgres::Transaction& transaction) const;
  void queue_positions(postgres::Transaction& transaction) const;
  void queue_answers(postgres::Transaction& transaction) const;
  void queue_outbox(postgres::Transaction& transaction) const;
  std::vector<Committed> read_outbox(const postgres::Rows& rows) const;

  const Registry& registry_;
  int partitions_;
  std::size_t wanted_ = 0;  // rows to lock
  std::vector<Outgoing> out_;
  std::map<KeyId, std::unique_ptr<Fold>> folds_;
  Time earliest_timer_ = Time::max();
};

inline std::int64_t micros(Time time) { return time.time_since_epoch().count(); }
inline Time from_micros(std::int64_t value) { return Time(Duration(value)); }

}  // namespace loomline::eventing
