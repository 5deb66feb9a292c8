// A service's database in memory: what kernel_commit.sql and the statements beside it do, for one thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "src/clocks.hpp"
#include "src/commit/step_store.hpp"
#include "src/hear/feed.hpp"
#include "src/publish/chain_store.hpp"

namespace loomline::eventing::sim {

// What becomes of a commit. The default is a database without faults.
enum class CommitFate {
  written,
  serialization_failure,  // not written, to be tried again
  connection_lost,        // not written
  in_doubt_written,       // written, but nobody knows
  in_doubt_lost,          // not written, and nobody knows
  refused_by_disk,        // not written: the disk is full
};

struct DeadLetter {
  KeyId key;  // an empty kind: of no aggregate
  Offer offer;
  std::string reason;
};

class MemoryStore final : public StepStore, public ChainStore {
 public:
  MemoryStore(const Registry& registry, int partitions, const Clocks& clocks)
      : registry_(registry), partitions_(partitions), clocks_(clocks) {}

  // A test's hands: asked before each commit.
  std::function<CommitFate()> fate = [] { return CommitFate::written; };
  bool down = false;
  bool hold_watermarks = false;  // nobody notes what was published

  std::unique_ptr<StepSession> open(const std::set<KeyId>* lock) override;
  std::vector<Feed> claim(const std::string& owner, const std::vector<std::pair<std::string, int>>& places) override;
  bool reset_position(const std::string& topic, int partition, std::int64_t epoch, std::int64_t expected,
                      std::int64_t to) override;
  std::vector<DueTimer> due_timers(const std::set<int>& lanes, Time now, std::size_t most) override;
  std::optional<Time> next_timer(const std::set<int>& lanes) override;
  void offer_unknown() override {}
  std::vector<SetAside> set_aside() override { return {}; }

  std::map<std::int64_t, Chain> open_chains() override;
  Parting parting(std::int64_t chain, const std::vector<std::pair<std::int64_t, Time>>& said) override;
  Chain start_epoch(const Chain& chain, std::int64_t epoch, std::int64_t last) override;
  std::vector<Committed> read_outbox(std::int64_t chain, std::int64_t after) override;
  std::map<std::int64_t, std::int64_t> tail_depths(const std::vector<Chain>& chains) override;
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> recorded_holes() override;
  void record_hole(std::int64_t chain, std::int64_t first, std::int64_t last) override;
  std::vector<std::pair<std::int64_t, std::int64_t>> heads() override;
  Leases renew_leases(const std::string& instance) override;
  void give_up_leases(const std::string& instance) override;
  void note_published(const std::string& instance, const std::vector<Lease>& reached) override;
  Kept kept() override;
  void trim() override {}
  void follow_growth() override {}
  std::vector<std::optional<std::int64_t>> applied(const std::vector<GapMet>& gaps) override;

  // All rows are as they were when `backup`, a copy of this, was made.
  void restore(const MemoryStore& backup);
  // As an operator's decision: whatever the fate of other commits.
  CommitOutcome write_now(Commit& commit);
  std::shared_ptr<Resident> read(const KeyId& id) const;
  void refresh(Resident& resident) const;  // as Postgres would: what was written since

  // What stands in the rows, for whoever checks.
  struct Part {
    std::int64_t version = 0;
    std::optional<std::string> body;  // none: taken out
  };
  struct Row {
    std::int64_t version = 0;
    std::int64_t number = 0;  // which of all that were ever made
    std::optional<std::string> state;
    Time last_time{};
    std::string parked;
    std::deque<Waiting> waiting;
    std::map<std::pair<std::string, std::string>, Part> parts;  // collection, name
    std::map<std::string, std::vector<std::string>> indexes;
  };
  struct ChainRow {
    Chain chain;
    std::int64_t next_seq = 1;
    Time last_time{};
    bool closed = false;
    std::map<std::int64_t, Committed> outbox;
    std::string owner;  // of its publication
    Time until{};
    std::int64_t published = 0, end = 0;
  };
  std::map<KeyId, Row> rows;
  std::map<std::int64_t, ChainRow> chains;
  std::map<std::string, DeadLetter> dead_letters;
  std::map<std::string, Offer> unknown;  // by event
  std::map<std::string, Scope> scopes;

 private:
  friend class MemorySession;
  struct Offset {
    std::int64_t next = 0, epoch = 1;
    std::string owner;
  };
  struct Timer {
    Time due{};
    std::string payload;
  };

  void need() const;  // throws where it is down
  CommitOutcome run(Commit& commit);
  bool as_expected(const Commit& commit, CommitOutcome& outcome) const;
  bool know_scopes(const Commit& commit, CommitOutcome& outcome);
  void write(Commit& commit, CommitOutcome& outcome);
  void write_fold(Fold& fold, Time& earliest);
  void write_events(Commit& commit, CommitOutcome& outcome);
  ChainRow& chain_of(const std::string& topic, int partition);

  const Registry& registry_;
  int partitions_;
  const Clocks& clocks_;
  std::map<std::pair<std::string, int>, Offset> offsets_;
  std::map<std::tuple<std::string, int, std::string, std::int64_t>, std::int64_t> heard_;
  std::map<std::pair<KeyId, std::string>, Timer> timers_;
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> holes_;
  std::int64_t rows_made_ = 0;
  std::map<std::string, Time> replicas_;
};

}  // namespace loomline::eventing::sim
