// What a service keeps, as its lanes ask for it: aggregates, positions, timers. PostgreSQL keeps it (postgres_steps.*);
// a simulation keeps it in memory. Calls throw postgres::Error.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/commit/commit.hpp"

namespace loomline::eventing {

struct Feed;

struct DueTimer {
  KeyId id;
  Offer offer;
  Time due{};
};

// What is set aside for a key: timers or events of a type.
struct SetAside {
  KeyId key;
  bool timer = false;
  std::string type;
};

// Of one step, and of one thread.
class StepSession {
 public:
  virtual ~StepSession() = default;
  // One for each key, in order; one without a row has version 0.
  virtual std::vector<std::shared_ptr<Resident>> load(const std::vector<KeyId>& keys) = 0;
  // Brings a resident up to its row: reads what was written since its version. Changes nothing where it throws
  // postgres::Error.
  virtual void refresh(Resident& resident) = 0;
  // Writes everything or nothing, as Commit::run. A session that has locked rows ends with it.
  virtual CommitOutcome commit(Commit& commit) = 0;

  // Notes that what is set aside for a key, of these types, is begun; `ended`: so often it was begun before by this
  // process, whose handlers came back, though nothing was written.
  virtual void begin_aside(const KeyId& key, const std::vector<std::string>& types, int ended) = 0;
  // What was begun waits for its precondition now, like anything else.
  virtual void end_aside(const KeyId& key) = 0;
  virtual std::vector<SetAside> set_aside(const KeyId& key) = 0;
};

class StepStore {
 public:
  virtual ~StepStore() = default;

  // `lock`: the rows of these keys are this session's until it commits or ends.
  virtual std::unique_ptr<StepSession> open(const std::set<KeyId>* lock = nullptr) = 0;

  // Takes ownership of partitions: raises their epoch (which waits for the old owner's transaction), reads positions.
  virtual std::vector<Feed> claim(const std::string& owner, const std::vector<std::pair<std::string, int>>& places) = 0;
  // Sets a consumer's position back. `topic` without prefix. False where another owner has taken over or it has moved
  // meanwhile.
  virtual bool reset_position(const std::string& topic, int partition, std::int64_t epoch, std::int64_t expected,
                              std::int64_t to) = 0;

  // Timers that this program knows, the earliest first; those of another program (rolled back, or a newer replica's)
  // stay until a program that knows them is back. `recorded` is left to the caller.
  virtual std::vector<DueTimer> due_timers(const std::set<int>& lanes, Time now, std::size_t most) = 0;
  virtual std::optional<Time> next_timer(const std::set<int>& lanes) = 0;

  // Events that were kept because their type was unknown are set aside for their keys once this program hears them.
  virtual void offer_unknown() = 0;
  virtual std::vector<SetAside> set_aside() = 0;
};

}  // namespace loomline::eventing
