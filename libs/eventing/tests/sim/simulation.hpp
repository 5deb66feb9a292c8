// One life of a small installation, decided by a seed: what is asked for, in which order things have their turn, and
// what goes wrong. What must hold of any service is checked after every move; the first thing that does not is told in
// words. Which services there are, what they are asked and what must hold of these, says who derives from it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/dice.hpp"
#include "tests/sim/world.hpp"

namespace loomline::eventing::sim {

struct Plan {
  int moves = 1500;
  int faults = 1;  // 0: none
  int asks = 25;   // of a hundred moves, so many ask for something
  // Some brokers lose the ends of partitions. What was lost is missed with the chain's next event at the latest: who
  // derives lets every chain say one more in the end.
  bool broker_loses = true;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, Plan plan, std::vector<Service> services);
  virtual ~Simulation() = default;
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // The first rule that was broken, and after which move.
  std::optional<std::string> run();
  // What happened, the last first: a line a move.
  const std::vector<std::string>& history() const { return history_; }
  // What broker and databases hold: a line a message, chain and row.
  std::vector<std::string> holds();

 protected:
  // A call of a client, which it repeats under its key until it is answered.
  struct Call {
    std::string service, method, key;
    std::shared_ptr<const Message> request, response;  // the response: its type, and once acknowledged what was said
    // An event that it says once where it is acknowledged, by full name; empty: not looked at.
    std::string says;
    JobPtr job;                // under way; none: nobody has it
    std::future<Status> done;  // of the job
    std::string cause;         // what its effects name as their cause
    bool acknowledged = false, refused = false;
    std::string last;  // what it was told last

    bool open() const { return !acknowledged && !refused; }
  };
  // An event as it was committed.
  struct Event {
    const World::ServiceAt* by;
    const Chain* chain;
    const Committed* committed;
    std::string id;
  };

  // Something new is asked for, by issue(); or nothing.
  virtual void ask() = 0;
  // Whether the answer is the last word about a call that is not done.
  virtual bool is_refusal(const Status& status) const = 0;
  virtual Duration clock_step() { return std::chrono::seconds(40); }
  // The events that were committed since it was last called, causes first.
  virtual void committed(const std::vector<Event>&) {}
  virtual void acknowledged(const Call&) {}
  // Rules of these services; after every 25th move, and often in the end.
  virtual void check_services() {}
  // No more faults, everything runs: it comes to rest, and then everything must hold.
  virtual void end() = 0;

  Call& issue(std::string service, std::string method, const Message& request, const Message& response,
              std::string key = {});
  // For a caller who waits, while moves go on in which nobody asks for anything; unavailable where no answer comes.
  Status call_and_wait(std::string service, std::string method, const Message& request, Message& response,
                       std::string key);
  // How many events of the type name the call as their cause.
  int said(const Call& call, const std::string& type) const;
  void send(Call& call);
  void move(bool may_ask = true);
  void ask_until_answered();
  void check();
  void broken(const std::string& rule);
  bool is_broken() const { return broken_.has_value(); }
  void tell(std::string what);
  bool outsiders() const { return outsiders_; }
  Dice& dice() { return dice_; }
  World& world() { return world_; }
  std::deque<Call>& calls() { return calls_; }
  const Plan& plan() const { return plan_; }

 private:
  void act();
  void repeat_or_ask();
  void hear_answers();
  void answered(Call& call, const Status& status);
  void disturb();
  void disturb_broker();
  void disturb_topics();
  Place some_place();
  void end_faults();

  void check_outboxes();
  void check_chain(const World::ServiceAt& service, const MemoryStore::ChainRow& row, std::vector<Event>& fresh);
  void check_effect(const Event& event);
  void check_letters(const World::ServiceAt& service);
  void check_log();
  void check_calls();

  std::uint64_t seed_;
  Plan plan_;
  Dice dice_;
  World world_;
  std::deque<Call> calls_;
  std::vector<std::string> history_;
  std::optional<std::string> broken_;
  bool quiet_ = false;  // faults are over
  // Either others write into the topics, or the broker loses the ends of partitions. Where both happen at once, others'
  // messages may take exactly the places of what was lost, and nobody can know (docs/reliability.md).
  bool outsiders_;
  int move_ = 0;
  // What the rules remember.
  std::map<std::string, std::int64_t> outbox_seen_;  // "service/chain" -> last seq
  std::map<std::string, Time> event_times_;          // by ce_id
  std::map<std::string, Time> last_times_;           // by "service/chain"
  std::map<std::string, std::string> bodies_;        // by ce_id, as the log had it first
  std::map<Place, std::int64_t> log_seen_;
  std::set<std::string> letters_seen_;
  struct Effects {
    std::map<std::string, int> move_of;  // by "service/chain": when they were first seen
    std::map<std::string, int> said;     // by type
  };
  std::map<std::string, Effects> effects_;  // of commands, by cause
};

}  // namespace loomline::eventing::sim
