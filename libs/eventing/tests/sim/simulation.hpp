// One life of a small installation, decided by a seed: what is asked for, in which order things have their turn, and
// what goes wrong. What must hold is checked after every move; the first thing that does not is told in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/world.hpp"

namespace loomline::eventing::sim {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  std::uint64_t next();  // splitmix64: the same everywhere
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

 private:
  std::uint64_t state_;
};

struct Plan {
  int moves = 1500;
  int boxes = 5;
  int faults = 1;  // how often, in tenths: 0 none
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, Plan plan);
  // The first rule that was broken, and after which move.
  std::optional<std::string> run();
  // What happened, the last first: a line a move.
  const std::vector<std::string>& history() const { return history_; }
  // What broker and databases hold: a line a message, chain and row.
  std::vector<std::string> holds();

 private:
  // A call of a client, which it repeats under its key until it is answered.
  struct Call {
    std::string service, method, box, tag;
    std::int64_t amount = 0;
    JobPtr job;                // under way; none: nobody has it
    std::future<Status> done;  // of the job
    std::string key;
    bool acknowledged = false, refused = false;
    std::int64_t answer = 0;
    std::string last;  // what it was told last
  };

  void move();
  void ask();
  void send(Call& call);
  void hear_answers();
  void answered(Call& call, const Status& status);
  void disturb();
  void tell(std::string what);

  void check();
  void check_outboxes(World::ServiceAt& service);
  void check_letters(World::ServiceAt& service);
  void check_log();
  void check_calls();
  void ask_until_answered();
  void say_last_words();
  void check_end();
  void check_box(const std::string& key);
  void broken(const std::string& rule);
  template <class State>
  State state(const std::string& service, const std::string& kind, const std::string& key);

  std::uint64_t seed_;
  Plan plan_;
  Dice dice_;
  World world_;
  std::vector<Call> calls_;
  std::vector<std::string> history_;
  std::optional<std::string> broken_;
  bool quiet_ = false;  // faults are over
  // Either others write into the topics, or the broker loses the ends of partitions. Where both happen at once, others'
  // messages may take exactly the places of what was lost, and nobody can know (docs/reliability.md).
  bool outsiders_;
  int move_ = 0;
  // What the rules remember.
  std::map<std::string, std::int64_t> outbox_seen_;                   // "service/chain" -> last seq
  std::map<std::string, Time> event_times_;                           // by ce_id
  std::map<std::string, Time> last_times_;                            // by "service/kind/key"
  std::map<std::string, std::string> bodies_;                         // by ce_id, as the log had it first
  std::map<Place, std::int64_t> log_seen_;
  std::set<std::string> letters_seen_;
};

// As gtest failures tell it, and as one runs it again.
std::string replay_line(std::uint64_t seed);

}  // namespace loomline::eventing::sim
