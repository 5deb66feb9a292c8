// Lane workers. A lane (partition number) belongs to one worker, with all topics of that number, all commands and all
// timers of its keys: within a process nothing else works on them. A round takes what is there, runs the handlers on
// residents within a budget of time, and commits with one call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "src/hear/topic_check.hpp"
#include "src/work/residents.hpp"
#include "src/work/slow_key.hpp"
#include "src/work/turn.hpp"

namespace loomline::eventing {

class LaneWorker {
 public:
  LaneWorker(Engine& engine, int number);
  ~LaneWorker();
  void start();
  // Ends the round that runs, and waits a little for slow handlers; those that go on are left alone.
  void stop();

  // Takes over / gives up partitions; both wait for the step that is running.
  void add(std::vector<Feed> feeds);
  void remove(const std::set<std::pair<std::string, int>>& places);
  // Lanes that this process owns: whose timers this worker fires, and whose residents are as committed.
  void own_lanes(std::set<int> lanes);
  void timer_set(Time due);
  void wake();
  // False where the queue is full or the worker stops.
  enum class Submitted { yes, full, stopping };
  Submitted submit(JobPtr job);

  // One turn as its thread does it: a round, and what is to be done after one that failed. Nobody else drives it then.
  enum class After { rest, more, gone };
  After take_turn();

  // Looks after the handler that runs; called by the watchdog every few milliseconds.
  void watch();
  // Those of its lanes that stand still, by the rule of stall.hpp, and the keys that are set aside. From any thread.
  std::vector<StalledLane> stalled_lanes() const;
  std::vector<SlowHandler> slow_keys() const;
  bool any_slow() const;

  // What was read of a partition beside what it holds. Where it is not what it was, reading goes on as its watermarks
  // say, unless it has moved meanwhile. The position, where it holds more and nothing of it has come for a while.
  std::optional<std::int64_t> compare(const Standing& standing);

  // (topic, partition) -> position.
  void positions(std::map<std::pair<std::string, int>, std::int64_t>& out);
  // The same as of the last round, without waiting for the one that runs.
  void noted_positions(Positions& out) const;
  Position noted_position(int topic, int partition) const;
  // The chain (source, epoch) was heard up to `seq` without anything to do for it; the rows may not say so yet.
  bool has_passed(const std::pair<std::string, int>& place, const std::pair<std::string, std::int64_t>& chain,
                  std::int64_t seq) const;
  // A timer of its lanes is due, or may be.
  bool timer_due(Time now) const { return owns_lanes_ && earliest_timer_ <= micros(now); }
  // Steady time of the last round, in milliseconds: the watchdog's food.
  std::int64_t last_round_ms() const { return last_round_ms_; }

 private:
  // Thrown in a thread whose attempt another has taken over.
  struct Taken {
    std::shared_ptr<Attempt> attempt;
  };
  using SteadyClock = std::chrono::steady_clock;
  using Place = std::pair<std::string, int>;

  // worker.cpp
  void run(std::shared_ptr<SlowKey> inherited);
  void launch(std::shared_ptr<SlowKey> inherited);
  std::chrono::milliseconds nap() const;
  bool round();
  void recover(const postgres::Error& error);
  // gather.cpp: what there is to do
  std::vector<Task> gather(bool& more);
  bool collect();
  bool jobs_wait();
  void take_jobs(std::vector<Task>& tasks);
  void take_timers(std::vector<Task>& tasks);
  void take_events(std::vector<Task>& tasks, bool& more);
  void meet_gaps(const std::vector<Gap>& gaps);
  void rewind(Feed& feed, std::int64_t offset);
  void restart(Feed& feed, const Standing& standing);
  std::optional<std::int64_t> silence(Feed& feed, const Standing& standing);
  void reclaim();
  void take_passed();
  bool anything_left();
  void note_progress(const std::vector<Task>& in_hand);
  void note_trouble(std::string what);
  // steps.cpp: doing it
  void work(std::vector<Task> tasks, std::chrono::milliseconds budget);
  enum class Tried { done, again };
  Tried attempt(std::vector<Task>& tasks, std::chrono::milliseconds budget, int tries);
  bool pass_over(std::vector<Task>& tasks);
  void note_passed(const std::vector<const Item*>& items);
  void lean(const Attempt& attempt, const Commit& commit);
  void lean_no_more(const CommitOutcome& outcome);
  [[noreturn]] void doubt();
  void store_passed();
  void read_ahead(const std::set<KeyId>& keys);
  void bring_up(StepSession& session, Resident& known);
  void load_for(Attempt& attempt, StepSession& session, bool fresh);
  void committed(Attempt& attempt, CommitOutcome outcome);
  void refused(std::vector<Task>& tasks, const CommitOutcome& outcome);
  void weary_callers();
  void split(std::vector<Task> tasks, const std::string& why);
  void give_back(std::vector<Task>& tasks, std::size_t from);
  bool owned(const KeyId& id) const;
  // slow.cpp: keys whose handlers take long
  void inherit(const std::shared_ptr<SlowKey>& slow);
  bool set_aside(Task& task);
  void recorded(const Task& task);
  void finish_slow(const std::shared_ptr<Attempt>& attempt);
  void keep_for(SlowKey& slow, const Attempt& attempt);
  // aside.cpp: what came for them meanwhile
  void work_off(const std::shared_ptr<SlowKey>& slow);
  bool work_off_once(const std::shared_ptr<SlowKey>& slow);
  bool leave(const std::shared_ptr<SlowKey>& slow);
  void condemn(const std::shared_ptr<SlowKey>& slow, const Task& culprit, const std::string& why);
  void resume_aside();
  void spawn(std::function<void()> body);

  Engine& engine_;
  int number_;

  Turn turn_;  // guards what follows
  std::map<Place, Feed> feeds_;
  std::set<int> lanes_;
  Residents residents_;
  std::map<KeyId, std::shared_ptr<SlowKey>> slow_;
  // What was ignored on the word of these rows (their versions): no commit has said yet that nobody else wrote them
  // meanwhile. The positions after it are stored only with that.
  std::map<KeyId, std::int64_t> leaned_on_;
  bool doubted_ = false;
  bool reclaim_ = false;
  bool look_for_aside_ = false;
  SteadyClock::time_point look_for_timers_{};
  bool timers_have_the_turn_ = false;
  int failures_ = 0;

  std::atomic<std::int64_t> earliest_timer_{0};
  std::atomic<bool> owns_lanes_{false};
  std::atomic<std::int64_t> last_round_ms_{0};
  std::atomic<bool> arrived_{false};

  mutable std::mutex watch_mutex_;  // guards what follows
  std::shared_ptr<Attempt> current_;
  std::vector<std::weak_ptr<SlowKey>> watched_;
  struct Progress {
    std::string what;  // is first: while it stays the same, nothing is done
    StalledLane seen;
  };
  Positions noted_;
  std::map<Place, std::map<std::pair<std::string, std::int64_t>, std::int64_t>> passed_;  // last of each chain
  void note(const Place& place, std::string what, const std::function<StalledLane()>& look);
  std::map<Place, Progress> behind_;  // what has something to do, and since when nothing of it was done
  std::string trouble_;               // what stood in the way last; empty since the last commit

  std::mutex queue_mutex_;  // guards what follows
  std::condition_variable woken_;
  std::deque<JobPtr> queue_;
  bool wake_ = false;
  bool stop_ = false;

  std::mutex threads_mutex_;
  std::condition_variable thread_ended_;
  int threads_ = 0;
  int lost_ = 0;  // of them: in handlers whose key was parked
};

}  // namespace loomline::eventing
