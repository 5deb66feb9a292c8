// What one step writes, and the one call that writes it (kernel_commit_alone.sql, or kernel_commit.sql).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/commit/session.hpp"
#include "src/decide/fold.hpp"

namespace loomline::eventing {

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
// An offer that is kept without an aggregate: foreign bytes as a dead letter, or an event of a type unknown here.
struct Keyless {
  std::string letter;  // the dead letter's id; empty: of an unknown type
  Offer offer;
  std::string tenant, key, reason;
};
struct FiredTimer {
  KeyId key;
  std::string name;
  Time due{};
};
// A command's idempotency scope. Without an answer it is only looked up.
struct Scope {
  std::string scope, body_hash;
  bool answered = false;
  std::string answer;
};
// An offer that is kept for a key that somebody else works on: appended, whatever the key's version.
struct Appended {
  KeyId key;
  Offer offer;
  std::string reason;
};
// A key that is parked from outside: its handler never ended.
struct Parked {
  KeyId key;
  Offer offer;  // what did not end; without an id where it was a command
  std::string letter, reason;
};

// An event with its place in its chain, as committed.
struct Committed {
  std::int64_t chain = 0, seq = 0;
  std::string tenant, key, type, body, causation, traceparent;
  Time time{};
};

struct CommitOutcome {
  bool committed = false;
  std::vector<KeyId> stale;  // written by another since they were read
  bool moved = false;        // a consumed partition is another's
  bool fired = false;        // a timer is no longer due
  bool stirred = false;      // timers, kept events or dead letters were changed
  struct Known {
    std::string scope, body_hash, answer;
  };
  std::vector<Known> known;           // scopes that were answered before
  std::vector<Committed> events;      // to be published
  Time earliest_timer = Time::max();  // that was set
};

class Commit {
 public:
  Commit(const Registry&, int partitions) : partitions_(partitions) {}

  // The folds of the step, sorted by key. They must live until run() has returned. Those that were only read are
  // compared where `compare` says so.
  std::vector<Fold*> folds;
  std::vector<const Fold*> compared;
  std::vector<std::pair<KeyId, std::int64_t>> leaned_on;  // rows of this version (0: none) that earlier steps only read
  std::vector<OffsetMove> offsets;
  std::vector<ChainHeard> heard;
  std::vector<Keyless> keyless;
  std::vector<FiredTimer> fired;
  std::vector<Scope> scopes;
  std::vector<Appended> appended;
  std::vector<std::pair<KeyId, std::string>> settled;  // event ids, besides what the folds settled
  std::vector<Parked> parked;
  // No other replica is known: a step that finds things otherwise than it was computed for is rare.
  bool alone = false;

  // The rows that the commit is about, and how it found them.
  struct Expected {
    static constexpr std::int64_t whatever = -1;  // it is
    static constexpr std::int64_t no_row = -2;    // there must be none, and none is made
    std::int64_t version = 0;                     // 0: there is none yet
    bool written = false;
  };
  std::map<KeyId, Expected> rows() const;
  // Timers, kept events or dead letters change.
  bool stirs() const;
  bool empty() const;
  // Nothing is written but positions.
  bool only_moves() const;
  // Writes everything or nothing. Where it was written, the folds' residents are kept as written; else they are left as
  // they are (Fold::undo is the caller's). Throws postgres::Error.
  CommitOutcome run(Session session);

 private:
  int partitions_;
};

}  // namespace loomline::eventing
