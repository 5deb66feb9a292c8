// What goes wrong in a simulation.
#include <algorithm>

#include "tests/sim/simulation.hpp"

namespace loomline::eventing::sim {

void Simulation::disturb() {
  auto service = world_.services().begin();
  std::advance(service, static_cast<std::ptrdiff_t>(dice_.below(world_.services().size())));
  const auto& name = service->first;
  auto& store = *service->second->store;
  auto& replicas = service->second->replicas;
  auto& log = world_.log();
  switch (dice_.below(12)) {
    case 0:
      if (replicas.empty()) return;
      tell("a replica of " + name + " is killed");
      return world_.kill(name, dice_.below(replicas.size()));
    case 1: case 2:
      if (replicas.size() > 1) return;
      tell("a replica of " + name + " starts");
      try {
        return world_.start(name);
      } catch (const std::exception&) {
        return;  // neither broker nor database need be there
      }
    case 3:
      tell("the group of " + name + " is balanced anew");
      if (!store.down) world_.rebalance(name);
      return;
    case 4:
      if (replicas.empty() || store.down) return;
      tell("one replica of " + name + " hears of its partitions before the others");
      return world_.assign(name, dice_.below(replicas.size()));
    case 5:
      log.down = !log.down;
      return tell(log.down ? "the broker stops" : "the broker is back");
    case 6:
      store.down = !store.down;
      return tell("the database of " + name + (store.down ? " stops" : " is back"));
    case 7:
      return disturb_broker();
    case 8: case 9: case 10:
      return disturb_topics();
    default:
      tell("the clock goes back");
      return world_.set_back(std::chrono::milliseconds(dice_.below(5'000)));
  }
}

Place Simulation::some_place() {
  auto at = world_.log().all().begin();
  std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(world_.log().all().size())));
  return at->first;
}

void Simulation::disturb_broker() {
  auto& log = world_.log();
  if (log.all().empty() || outsiders_) return;
  tell("the broker loses the end of a partition");
  const auto place = some_place();
  log.lose_tail(place, 1 + dice_.below(4));
  log_seen_[place] = std::min(log_seen_[place], log.at(place).end());
}

void Simulation::disturb_topics() {
  auto& log = world_.log();
  if (log.all().empty() || !outsiders_) return;
  const auto place = some_place();
  const auto& messages = log.at(place).messages;
  if (dice_.chance(66)) {
    if (messages.empty()) return;
    tell("an old message comes again");
    log.append(place, Received(messages[dice_.below(messages.size())]));
    return;
  }
  tell("foreign bytes");
  Received foreign;
  foreign.key = "box_0";
  foreign.body = "not a message";
  log.append(place, foreign);
}

}  // namespace loomline::eventing::sim
