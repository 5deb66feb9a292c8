// What facts leave behind in a plan: what repair must look at, what came free, and what differs from the stored form.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "loomline/base/persistent_map.hpp"
#include "loomline/planning/plan.hpp"
#include "references.hpp"

namespace loomline::planning {

// What came free, merged for each resource.
class FreedSet {
 public:
  void add(Freed freed);
  // The one whose turn comes first, by when it was set free and how far it was looked at; then by kind and name.
  std::optional<Freed> earliest() const;
  void take(const Freed& freed) { erase(key(freed)); }
  // As it is stored, alone and not merged: gone where `to` is not after `from`. Does not count as changed.
  void restore(const Freed& freed) {
    if (freed.from < freed.to)
      entries_.set(key(freed), {freed.to, freed.looked});
    else
      entries_.erase(key(freed));
  }
  std::vector<Freed> list() const;
  bool empty() const { return entries_.empty(); }
  // What differs since the last call; what is gone ends where it begins.
  std::vector<Freed> take_changed();

 private:
  using Key = std::tuple<Freed::Kind, std::string, std::string, Time>;
  struct Value {
    Time to{}, looked{};
  };
  struct Least {
    Time turn = kNever;
    static Least of(const Key& key, const Value& v) { return {std::max(std::get<3>(key), v.looked)}; }
    static Least join(const Least& a, const Least& b) { return {std::min(a.turn, b.turn)}; }
  };
  static Key key(const Freed& f) { return {f.kind, f.id, f.op_id, f.from}; }
  static Freed freed(const Key& key, const Value& value) {
    return {std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), value.to, value.looked};
  }
  void set(Key key, Value value) {
    changed_.set(key, {});
    entries_.set(std::move(key), value);
  }
  void erase(Key key) {
    entries_.erase(key);
    changed_.set(std::move(key), {});
  }
  PersistentMap<Key, Value, Least> entries_;
  PersistentMap<Key, Nothing> changed_;
};

struct Marks {
  PersistentMap<OpRef, Nothing, NoSummary, OpRefLess> suspects;  // may not stand any more
  PersistentMap<std::string, Nothing> items;                     // may be short
  PersistentMap<OpRef, Nothing, NoSummary, OpRefLess> unplaced;  // without a place, not begun
  FreedSet freed;
  Time reported = kNever;  // by the last repair; never before the first
  // The stored form.
  PersistentMap<std::string, Nothing> jobs, stock, machines;
  PersistentMap<std::pair<std::string, std::string>, Nothing> inbound;
};

}  // namespace loomline::planning
