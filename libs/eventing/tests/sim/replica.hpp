// One process of a service, driven by hand: its lanes, its publisher and its gap desk are the kernel's own; the clock,
// the broker and the database are the simulation's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/engine.hpp"
#include "src/work/commands.hpp"
#include "tests/sim/memory_log.hpp"
#include "tests/sim/memory_store.hpp"

namespace loomline::eventing::sim {

// Who misses events asks here for them; everybody hears it at once.
class RefillBus {
 public:
  using Hear = std::function<void(const common::v1::ChainRefillAsked&)>;
  std::map<const void*, Hear> hearers;
};

class Replica {
 public:
  struct Surroundings {
    MemoryStore& store;
    MemoryLog& log;
    RefillBus& bus;
    BusinessClock& clock;
    const Clocks& clocks;
    int partitions = 4;
    std::function<SendFate()> fate = [] { return SendFate(); };
    Limits limits = {};
  };

  // `service` and `registry` outlive it.
  Replica(const Registry& registry, std::string instance, Surroundings around);
  // The process is killed: what it had not written or sent is gone.
  ~Replica();

  // What the group gives it; what it had before is revoked first.
  void assign(const std::vector<Place>& places);
  // Partitions that end before what was read of them are read again. Every five seconds, as the group does it.
  void check_topics();

  // One turn each; what cannot be done now is done in a later one.
  LaneWorker::After work();
  void publish() { publisher_.take_turn(); }
  void carry(std::size_t most);
  void look_for_gaps();

  Result<JobPtr> submit(std::string_view method, const Message& request, const Message& response,
                        const Executor::Options& options);
  // As a process that ends in order.
  void give_up();

  const std::string& instance() const { return instance_; }
  const std::set<Place>& places() const { return places_; }
  // Of what it was given: the next offset to be applied.
  std::map<Place, std::int64_t> positions();
  Engine& engine() { return *engine_; }

 private:
  class Line final : public RefillLine {
   public:
    explicit Line(RefillBus& bus) : bus_(bus) {}
    void start(RefillBus::Hear) override {}
    void stop() override {}
    bool ask(const common::v1::ChainRefillAsked& asked) override {
      for (const auto& [who, hear] : bus_.hearers) hear(asked);
      return true;
    }

   private:
    RefillBus& bus_;
  };

  const Registry& registry_;
  std::string instance_;
  Surroundings around_;
  MemoryOutlet outlet_;
  Publisher publisher_;
  Line line_;
  GapDesk gaps_;
  Snapshots snapshots_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<LaneWorker> worker_;
  std::unique_ptr<Commands> commands_;
  std::set<Place> places_;
  std::chrono::steady_clock::time_point check_at_{};
};

}  // namespace loomline::eventing::sim
