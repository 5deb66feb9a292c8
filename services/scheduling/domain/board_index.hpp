// Where to find things in a plant without looking at all of it: indexes over its parts, and nothing but a function of
// them. They are brought up to date in one place, follow(), from the parts that a step touched (or another process
// did), so no rule can forget one; they are as of the end of the last step, not of the middle of this one.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "domain/vocabulary.hpp"
#include "loomline/base/persistent_map.hpp"
#include "loomline/eventing/parts.hpp"

namespace loomline::scheduling::domain {

struct Nothing {};
template <class Key>
using PersistentSet = PersistentMap<Key, Nothing>;

// A line by the arrival of its order: what was asked first is placed first.
using LineNumber = std::pair<std::uint64_t, std::uint32_t>;  // of the order; of the line in it

// What a line without a place waits for.
enum class Remedy : std::uint8_t { plant, relief };
// An order cannot be made until the plant is another one; for what was only full or short, any relief may help.
Remedy remedy_of(std::string_view unschedulable);

class BoardIndex {
 public:
  BoardIndex() = default;
  explicit BoardIndex(const eventing::PartStore& parts);

  // `touched` are new, other or gone in `parts`.
  void follow(const eventing::PartStore& parts, const std::set<eventing::PartStore::Name>& touched);
  // As followed last: what a step compares with.
  const eventing::PartStore& seen() const { return seen_; }

  // Units, by the name of their part.
  PersistentMap<std::uint64_t, std::string> unit_by_number;
  PersistentMap<std::string, std::string> unit_by_id;
  PersistentMap<std::string, std::string> unit_by_work_order;                        // released ones
  PersistentMap<std::pair<std::uint64_t, std::string>, std::string> unit_by_change;  // `changed`, work order
  // Units that count and are in the plan, by when they are finished; Time::max() where an operation has no place.
  // First: units_of(line).
  PersistentSet<std::tuple<std::string, Time, std::uint64_t>> finishes;
  PersistentSet<std::string> stopping;  // units that no longer count and still run something

  // Orders in order of arrival.
  PersistentMap<std::uint64_t, std::string> orders;
  PersistentMap<std::uint64_t, std::string> cancelled;
  PersistentMap<std::uint64_t, std::string> to_review;
  PersistentMap<std::uint64_t, std::string> parked;
  // Lines that have units to place or to release, and lines for which there was no place, by what they wait for.
  PersistentSet<LineNumber> unfinished;
  PersistentSet<std::tuple<Remedy, std::uint64_t, LineNumber>> unschedulable;  // remedy, `tried`
  PersistentMap<std::string, std::uint32_t> spec_uses;                         // by how many lines

  PersistentMap<std::uint64_t, std::string> deliveries;             // delivered shipments
  PersistentSet<std::pair<std::int64_t, std::string>> inbound_due;  // due, name of the part
  PersistentSet<std::pair<std::int64_t, std::string>> downs_due;    // to be tidied, name of the part

 private:
  void enter(const Unit& unit, const std::string& name);
  void leave(const Unit& unit, const std::string& name);
  void change(const Unit& before, const Unit& after, const std::string& name);
  void enter(const Order& order);
  void leave(const Order& order);

  eventing::PartStore seen_;
};

}  // namespace loomline::scheduling::domain
