// What must hold of any service, after every move.
#include <algorithm>

#include "src/broker/envelope.hpp"
#include "tests/sim/simulation.hpp"

namespace loomline::eventing::sim {

void Simulation::check() {
  check_outboxes();
  for (const auto& [name, service] : world_.services()) check_letters(*service);
  check_log();
  if (move_ % 25 != 0 && !quiet_) return;
  check_calls();
  check_services();
}

// What was committed since the last time. A cause stands before its effects in recorded time, so that is their order.
void Simulation::check_outboxes() {
  std::vector<Event> fresh;
  for (const auto& [name, service] : world_.services())
    for (const auto& [id, row] : service->store->chains) check_chain(*service, row, fresh);
  if (fresh.empty()) return;
  std::stable_sort(fresh.begin(), fresh.end(),
                   [](const Event& a, const Event& b) { return a.committed->time < b.committed->time; });
  for (const auto& event : fresh) check_effect(event);
  committed(fresh);
}

// Sequences without holes, times that rise and never stand before their cause.
void Simulation::check_chain(const World::ServiceAt& service, const MemoryStore::ChainRow& row,
                             std::vector<Event>& fresh) {
  const auto& name = service.service.name();
  const auto chain = name + "/" + std::to_string(row.chain.id);
  auto& seen = outbox_seen_[chain];
  if (seen == row.next_seq - 1) return;
  for (auto at = row.outbox.upper_bound(seen); at != row.outbox.end(); ++at) {
    const auto& [seq, event] = *at;
    if (seq != seen + 1)
      broken("chain " + chain + " goes from " + std::to_string(seen) + " to " + std::to_string(seq));
    seen = seq;
    auto& last = last_times_[chain];
    if (event.time <= last) broken("an event of chain " + chain + " is not later than the one before it");
    last = event.time;
    const auto cause = event_times_.find(event.causation);
    if (cause != event_times_.end() && event.time <= cause->second)
      broken("an event of " + name + " stands before its cause " + event.causation);
    auto id = event_id(name, row.chain.epoch, row.chain.topic, row.chain.partition, seq);
    event_times_[id] = event.time;
    fresh.push_back({&service, &row.chain, &event, std::move(id)});
  }
}

// One effect a cause: what a command says, it says in one step.
void Simulation::check_effect(const Event& event) {
  const auto& cause = event.committed->causation;
  if (!cause.starts_with("cmd/")) return;
  auto& effects = effects_[cause];
  ++effects.said[event.committed->type];
  const auto chain = event.by->service.name() + "/" + std::to_string(event.chain->id);
  const auto [known, fresh] = effects.move_of.emplace(chain, move_);
  if (!fresh && known->second != move_) broken(cause + " had its effect twice: " + event.id);
}

// What cannot be applied stops its key until an operator has decided.
void Simulation::check_letters(const World::ServiceAt& service) {
  for (const auto& [letter, dead] : service.store->dead_letters) {
    if (!letters_seen_.insert(letter).second || dead.key.kind.empty()) continue;
    const auto row = service.store->rows.find(dead.key);
    if (row == service.store->rows.end() || row->second.parked != letter)
      broken(dead.offer.id + " is dead-lettered, and " + dead.key.key + " goes on without it");
  }
}

// A number is one event, whenever and however often it comes.
void Simulation::check_log() {
  for (const auto& [place, partition] : world_.log().all()) {
    auto& seen = log_seen_[place];
    for (seen = std::max(seen, partition.begin); seen < partition.end(); ++seen) {
      const auto& message = partition.messages[static_cast<std::size_t>(seen - partition.begin)];
      const auto id = message.headers.find("ce_id");
      if (id == message.headers.end()) continue;
      const auto content = message.key + " " + message.headers.at("ce_type") + " " + message.headers.at("ce_time") +
                           " " + message.body;
      const auto [known, fresh] = bodies_.emplace(id->second, content);
      if (!fresh && known->second != content) broken(id->second + " is two events");
      if (!event_times_.contains(id->second)) broken(id->second + " was published and never committed");
    }
  }
}

// What was refused says nothing; what was acknowledged says what it must, once.
void Simulation::check_calls() {
  for (const auto& call : calls_) {
    if (call.open() || call.cause.empty()) continue;
    const auto effects = effects_.find(call.cause);
    if (call.refused && effects != effects_.end())
      broken(call.key + " (" + call.method + ") was refused, and said " + effects->second.said.begin()->first);
    if (!call.acknowledged || call.says.empty()) continue;
    const auto times = effects == effects_.end() ? 0 : effects->second.said[call.says];
    if (times != 1)
      broken(call.key + " (" + call.method + ") was acknowledged, and said " + call.says + " " +
             std::to_string(times) + " times");
  }
}

}  // namespace loomline::eventing::sim
