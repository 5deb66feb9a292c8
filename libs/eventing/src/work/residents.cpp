#include "src/work/residents.hpp"

namespace loomline::eventing {

// A guess: parsed messages take several times their bytes, each part has a node, a message and its strings.
std::size_t Residents::cost_of(const Resident& resident) {
  std::size_t cost = 1000 + 5 * resident.bytes.size();
  for (std::size_t c = 0; c < resident.def->collections.size(); ++c) cost += 1500 * resident.parts.map(c).size();
  return cost;
}

std::shared_ptr<Resident> Residents::find(const KeyId& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  order_.splice(order_.end(), order_, found->second.place);
  found->second.used = ++uses_;
  return found->second.resident;
}

void Residents::keep(std::shared_ptr<Resident> resident) {
  const auto cost = cost_of(*resident);
  auto [at, fresh] = by_id_.try_emplace(resident->id);
  auto& entry = at->second;
  sum_ += cost - (fresh ? 0 : entry.cost);
  entry.cost = cost;
  entry.used = ++uses_;
  entry.resident = std::move(resident);
  if (fresh)
    entry.place = order_.insert(order_.end(), &at->first);
  else
    order_.splice(order_.end(), order_, entry.place);
}

void Residents::drop(const KeyId& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  sum_ -= found->second.cost;
  order_.erase(found->second.place);
  by_id_.erase(found);
}

void Residents::doubt(const KeyId& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  auto& resident = *found->second.resident;
  if (resident.def->large())
    resident.behind = true;
  else
    drop(id);
}

void Residents::doubt_all() {
  for (auto it = by_id_.begin(); it != by_id_.end();) doubt((it++)->first);
}

void Residents::trim() {
  // The last one stays, however large: it is worked on. So does a large one that is worked on in turns with others: to
  // read a plant of thousands of orders again in every round costs more than its memory, up to four times the limit.
  constexpr std::int64_t kInTurns = 2000;
  auto at = order_.begin();
  while (sum_ > most_ && order_.size() > 1 && at != order_.end()) {
    const KeyId id = **at++;
    const auto& entry = by_id_.at(id);
    const bool in_turns = entry.cost > most_ / 4 && uses_ - entry.used < kInTurns;
    if (!in_turns || sum_ > 4 * most_) drop(id);
  }
}

}  // namespace loomline::eventing
