#include "marks.hpp"

namespace loomline::planning {

void FreedSet::add(Freed freed) {
  if (freed.from >= freed.to) return;
  const auto same = [&](const Key& k) {
    return std::get<0>(k) == freed.kind && std::get<1>(k) == freed.id && std::get<2>(k) == freed.op_id;
  };
  // What touches it becomes one with it, and is tried anew.
  auto after = key(freed);
  if (const auto [k, v] = entries_.last_entry_before(after); k != nullptr && same(*k) && v->to >= freed.from)
    std::get<3>(after) = std::get<3>(*k);
  for (auto it = entries_.lower_bound(after);
       it != entries_.end() && same(it.key()) && std::get<3>(it.key()) <= freed.to; it = entries_.lower_bound(after)) {
    freed.looked = Time::min();
    freed.from = std::min(freed.from, std::get<3>(it.key()));
    freed.to = std::max(freed.to, it.value().to);
    erase(Key(it.key()));
  }
  set(key(freed), {freed.to, freed.looked});
}

std::optional<Freed> FreedSet::earliest() const {
  if (entries_.empty()) return std::nullopt;
  const auto first = entries_.summary().turn;
  const auto found = entries_.find_from(*entries_.front().first, [&](const Least& l) { return l.turn <= first; });
  return freed(*found.first, *found.second);
}

std::vector<Freed> FreedSet::take_changed() {
  std::vector<Freed> list;
  for (const auto [key, nothing] : changed_) {
    const auto* value = entries_.find(key);
    list.push_back(freed(key, value == nullptr ? Value{std::get<3>(key), Time::min()} : *value));
  }
  changed_.clear();
  return list;
}

std::vector<Freed> FreedSet::list() const {
  std::vector<Freed> list;
  for (const auto [key, value] : entries_) list.push_back(freed(key, value));
  return list;
}

}  // namespace loomline::planning
