// One try of a step: the handlers of some tasks run on residents, and one call commits what came of it. Where a handler
// takes too long, another thread takes the attempt over: it leaves the slow key to the thread that is in its handler,
// and tries the other tasks again.
#pragma once

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/engine.hpp"
#include "src/hear/feed.hpp"

namespace loomline::eventing {

// A command on its way. It owns what its handler sees: the caller may stop waiting while the handler runs.
struct Job {
  const CommandRef* command = nullptr;
  std::unique_ptr<Message> request, response;
  Cause cause;
  KeyId id;
  std::string scope, body_hash;
  bool with_key = false;  // the caller gave an idempotency key: its answer may be known already
  std::string positions;  // of what it published
  std::promise<Status> done;
  bool answered = false;
  bool in_doubt = false;  // it may have been written
  int tries = 0;
  // While it is worked on.
  Status status;
  std::string answer;
};
using JobPtr = std::shared_ptr<Job>;

// What callers are told whom it no longer serves.
Status shutting_down();
// Tells the caller.
void finish(Job& job, Status status);
// The answer that its scope was given before.
void finish_known(Job& job, const CommitOutcome::Known& known);

// Exactly one of the three, or only a key: what waits there is offered again.
struct Task {
  std::optional<Item> item;
  std::optional<DueTimer> timer;
  JobPtr job;
  KeyId aside;
  std::string condemned;   // the database refused its effects, for this reason
  bool set_aside = false;  // its key is somebody else's: it is only kept in that key's queue
};

// The keys that a task works on.
std::vector<KeyId> keys_of(const Task& task);

class Attempt {
 public:
  Attempt(Engine& engine, std::vector<Task> tasks) : engine_(engine), tasks_(std::move(tasks)) {}

  const std::vector<Task>& tasks() const { return tasks_; }
  std::vector<Task>& tasks() { return tasks_; }
  std::set<KeyId> keys() const;
  void use(std::shared_ptr<Resident> resident);

  // Runs the handlers in order until `budget` is used up; at least one task is done. False: another thread has taken
  // the attempt over while a handler ran; whoever called has only the fold of that key left (`slow()`).
  bool run(std::chrono::milliseconds budget);
  // How many tasks are done; only they are committed.
  std::size_t done() const { return done_; }

  // What is to be written for the tasks that are done. `extra` is added to.
  void fill(Commit& commit) const;
  // Where the commit did not happen: all residents are again what they were.
  void undo(const std::set<KeyId>& except = {});
  Fold* fold(const KeyId& id) const;
  const std::map<KeyId, std::unique_ptr<Fold>>& folds() const { return folds_; }
  std::int64_t applied() const { return applied_; }

  // The handler that runs now and since when; from another thread.
  struct Running {
    std::size_t task = 0;
    std::chrono::steady_clock::time_point since;
  };
  std::optional<Running> running() const;
  // Takes the attempt from the thread that is in a handler, unless that has just ended. Answers the task.
  std::optional<std::size_t> take_over();
  // After run() answered false: the task that was slow, and the fold of its keys.
  std::size_t slow() const { return current_; }

 private:
  bool begin(std::size_t task);
  bool end();
  void perform(Task& task, const Moment& moment);
  void perform_event(const Item& item, const std::string& condemned, const Moment& moment);
  void dead(const Verdict& verdict, const Offer& offer);

  Engine& engine_;
  std::vector<Task> tasks_;
  std::map<KeyId, std::unique_ptr<Fold>> folds_;
  std::size_t done_ = 0;
  std::int64_t applied_ = 0;
  Time wall_{};

  mutable std::mutex mutex_;  // guards what follows
  std::size_t current_ = 0;
  bool in_handler_ = false;
  bool taken_ = false;
  std::chrono::steady_clock::time_point since_{};
};

}  // namespace loomline::eventing
