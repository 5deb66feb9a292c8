// A small installation in one thread: services with their databases, a broker, replicas that come and go, and a clock.
// Whoever drives it says what happens next; nothing happens by itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/sim/replica.hpp"

namespace loomline::eventing::sim {

inline constexpr int kPartitions = 3;

class World {
 public:
  // The topic catalogue is the one that is current (testing::use_catalog).
  explicit World(std::vector<Service> services);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  struct ServiceAt {
    explicit ServiceAt(Service made, const Clocks& clocks)
        : service(std::move(made)),
          registry(service, Catalog::current()),
          store(std::make_unique<MemoryStore>(registry, kPartitions, clocks)) {}
    Service service;
    Registry registry;
    std::unique_ptr<MemoryStore> store;
    std::vector<std::unique_ptr<Replica>> replicas;
    int started = 0;  // replicas so far: each has a name of its own
  };

  ServiceAt& at(const std::string& service) { return *services_.at(service); }
  std::map<std::string, std::unique_ptr<ServiceAt>>& services() { return services_; }
  MemoryLog& log() { return log_; }

  void start(const std::string& service);
  // As SIGKILL.
  void kill(const std::string& service, std::size_t replica);
  // Which places the group gives to a replica when there are so many of them; the others learn it when they are told.
  void assign(const std::string& service, std::size_t replica);
  void rebalance(const std::string& service);

  // Everything has its turn, in a fixed order, until nothing is left to do; false after so many rounds.
  bool settle(int rounds = 3000);
  bool at_rest();

  void pass(std::chrono::microseconds span);
  Time now() const { return wall_; }
  BusinessClock& business() { return business_; }
  void set_back(std::chrono::microseconds span) { wall_ -= span; }
  const Clocks& clocks() const { return clocks_; }

  // What a poison parks is decided on, as an operator would.
  void drop_letters(const std::string& service);

  std::function<SendFate()> send_fate = [] { return SendFate(); };
  std::function<CommitFate()> commit_fate = [] { return CommitFate::written; };
  Limits limits;

 private:
  Time wall_;
  std::chrono::steady_clock::time_point steady_;
  Clocks clocks_;
  BusinessClock business_{ClockMode::topic};
  MemoryLog log_;
  RefillBus bus_;
  std::map<std::string, std::unique_ptr<ServiceAt>> services_;
};

}  // namespace loomline::eventing::sim
