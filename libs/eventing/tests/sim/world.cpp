#include "tests/sim/world.hpp"

namespace loomline::eventing::sim {

World::World(std::vector<Service> services) : wall_(parse_rfc3339("2026-03-02T08:00:00Z").value()) {
  clocks_.wall = [this] { return wall_; };
  clocks_.steady = [this] { return steady_; };
  clocks_.sleep = [](auto) {};
  business_.advance(wall_);
  for (auto& made : services) {
    auto service = std::make_unique<ServiceAt>(std::move(made), clocks_);
    service->store->fate = [this] { return commit_fate(); };
    services_.emplace(service->service.name(), std::move(service));
  }
}

void World::start(const std::string& name) {
  auto& service = at(name);
  service.replicas.push_back(std::make_unique<Replica>(
      service.registry, name + "-" + std::to_string(++service.started),
      Replica::Surroundings{*service.store, log_, bus_, business_, clocks_, kPartitions, [this] { return send_fate(); },
                            limits}));
}

void World::kill(const std::string& name, std::size_t replica) {
  auto& replicas = at(name).replicas;
  replicas.erase(replicas.begin() + static_cast<std::ptrdiff_t>(replica));
}

void World::assign(const std::string& name, std::size_t replica) {
  auto& service = at(name);
  std::vector<Place> places;
  for (const auto& topic : service.registry.topics())
    for (int partition = 0; partition < kPartitions; ++partition)
      if (static_cast<std::size_t>(partition) % service.replicas.size() == replica)
        places.emplace_back(topic, partition);
  service.replicas[replica]->assign(places);
}

void World::rebalance(const std::string& name) {
  for (std::size_t i = 0; i < at(name).replicas.size(); ++i) assign(name, i);
}

bool World::at_rest() {
  for (auto& [name, service] : services_) {
    std::set<int> lanes;
    for (int lane = 0; lane < kPartitions; ++lane) lanes.insert(lane);
    if (!service->store->due_timers(lanes, business_.now(), 1).empty()) return false;
    for (const auto& [id, row] : service->store->chains)
      if (!row.closed && row.published < row.next_seq - 1) return false;
    std::size_t held = 0;
    for (auto& replica : service->replicas)
      for (const auto& [place, position] : replica->positions()) {
        ++held;
        if (position != log_.at(place).end()) return false;
      }
    if (held < service->registry.topics().size() * kPartitions) return false;
  }
  return true;
}

bool World::settle(int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (auto& [name, service] : services_)
      for (auto& replica : service->replicas) {
        replica->work();
        replica->publish();
        replica->carry(1000);
        if (round % 5 == 0) replica->look_for_gaps();
        if (round % 25 == 0) replica->check_topics();
      }
    pass(std::chrono::milliseconds(200));
    if (round > 5 && at_rest()) return true;
  }
  return false;
}

void World::drop_letters(const std::string& name) {
  auto& service = at(name);
  for (const auto& [letter, dead] : std::map(service.store->dead_letters)) {
    if (dead.key.kind.empty()) continue;
    Fold fold(service.registry, service.store->read(dead.key));
    if (fold.parked() != letter) continue;
    fold.drop({business_.now(), wall_});
    Commit commit(service.registry, kPartitions);
    if (fold.touched()) commit.folds.push_back(&fold);
    service.store->write_now(commit);
  }
}

void World::pass(std::chrono::microseconds span) {
  wall_ += span;
  steady_ += span;
}

}  // namespace loomline::eventing::sim
