#include "domain/board_index.hpp"

#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

using eventing::PartStore;

template <class Key>
void put(PersistentSet<Key>& set, Key key, bool present) {
  if (present)
    set.set(std::move(key), {});
  else
    set.erase(key);
}
template <class Key, class Value>
void put(PersistentMap<Key, Value>& map, const Key& key, const Value& value, bool present) {
  if (present)
    map.set(key, value);
  else
    map.erase(key);
}

constexpr std::chrono::days kKeepDowns{30};

// An estimate is looked at when it has passed; what is over is kept for a while.
std::int64_t tidied_at(const state::v1::Down& down) {
  return down.open() ? down.until() : down.until() + micros(Time{kKeepDowns});
}

// What an order's state means for each of its lines.
void index_line(BoardIndex& index, const Order& order, int i, bool present) {
  const auto& line = order.lines(i);
  const LineNumber number{order.number(), static_cast<std::uint32_t>(i)};
  if (!line.spec_key().empty()) {
    const auto* uses = index.spec_uses.find(line.spec_key());
    const auto count = (uses == nullptr ? 0U : *uses) + (present ? 1U : -1U);
    put(index.spec_uses, line.spec_key(), count, count > 0);
  }
  if (order.cancelled() || !order.parked().empty()) return;
  if (in_hand(line)) put(index.unfinished, number, present);
  if (!in_hand(line) && line.tally().waiting() > 0)
    put(index.unschedulable, {remedy_of(line.unschedulable()), line.tried(), number}, present);
}

template <class Part, class Change>
void each_touched(const PartStore& seen, const PartStore& parts, const std::set<PartStore::Name>& touched,
                  Change change) {
  const auto collection = parts.collection_of(Part::descriptor());
  for (auto it = touched.lower_bound({collection, {}}); it != touched.end() && it->first == collection; ++it)
    change(it->second, static_cast<const Part*>(seen.find(collection, it->second)),
           static_cast<const Part*>(parts.find(collection, it->second)));
}

}  // namespace

Remedy remedy_of(std::string_view reason) {
  return reason == "NO_SUCH_CAPACITY" || reason == "SPEC_INVALID" || reason == "PLANT_UNKNOWN" ? Remedy::plant
                                                                                               : Remedy::relief;
}

BoardIndex::BoardIndex(const PartStore& parts) : seen_(PartStore(parts.as_they_stand())) {
  std::set<PartStore::Name> all;
  const auto note = [&](const google::protobuf::Descriptor* type) {
    const auto collection = parts.collection_of(type);
    for (const auto entry : parts.map(collection)) all.emplace(collection, entry.key);
    // Nothing of it was seen yet.
    for (const auto entry : parts.map(collection)) seen_.drop(collection, entry.key);
  };
  for (const auto* type : {Unit::descriptor(), Order::descriptor(), state::v1::Shipment::descriptor(),
                           state::v1::Inbound::descriptor(), state::v1::Down::descriptor()})
    note(type);
  follow(parts, all);
}

void BoardIndex::follow(const PartStore& parts, const std::set<PartStore::Name>& touched) {
  each_touched<Unit>(seen_, parts, touched, [this](const std::string& name, const Unit* before, const Unit* after) {
    if (before != nullptr && after != nullptr) return change(*before, *after, name);
    if (before != nullptr) leave(*before, name);
    if (after != nullptr) enter(*after, name);
  });
  each_touched<Order>(seen_, parts, touched, [this](const std::string&, const Order* before, const Order* after) {
    if (before != nullptr) leave(*before);
    if (after != nullptr) enter(*after);
  });
  using state::v1::Shipment, state::v1::Inbound, state::v1::Down;
  each_touched<Shipment>(seen_, parts, touched, [this](const auto& name, const auto* before, const auto* after) {
    for (const auto* part : {before, after})
      if (part != nullptr && part->delivery() > 0) put(deliveries, part->delivery(), name, part == after);
  });
  each_touched<Inbound>(seen_, parts, touched, [this](const auto& name, const auto* before, const auto* after) {
    for (const auto* part : {before, after})
      if (part != nullptr) put(inbound_due, {part->due(), name}, part == after);
  });
  each_touched<Down>(seen_, parts, touched, [this](const auto& name, const auto* before, const auto* after) {
    for (const auto* part : {before, after})
      if (part != nullptr) put(downs_due, {tidied_at(*part), name}, part == after);
  });
  seen_ = parts.as_they_stand();
}

void BoardIndex::enter(const Unit& unit, const std::string& name) {
  unit_by_number.set(unit.number(), name);
  unit_by_id.set(unit.unit_id(), name);
  for (const auto& work_order : unit.work_orders()) {
    if (!released(work_order)) continue;
    unit_by_work_order.set(work_order.work_order_id(), name);
    unit_by_change.set({work_order.changed(), work_order.work_order_id()}, name);
  }
  const auto line = name.substr(0, name.rfind('/') + 1);
  if (const auto finish = planned_finish(unit); finish && counts(unit))
    finishes.set({line, *finish, unit.number()}, {});
  if (!counts(unit) && any_running(unit)) stopping.set(name, {});
}

void BoardIndex::leave(const Unit& unit, const std::string& name) {
  unit_by_number.erase(unit.number());
  unit_by_id.erase(unit.unit_id());
  for (const auto& work_order : unit.work_orders()) {
    unit_by_work_order.erase(work_order.work_order_id());
    unit_by_change.erase(std::pair(work_order.changed(), work_order.work_order_id()));
  }
  const auto line = name.substr(0, name.rfind('/') + 1);
  if (const auto finish = planned_finish(unit)) finishes.erase(std::tuple(line, *finish, unit.number()));
  stopping.erase(name);
}

// Most changes move a place or a state: what is indexed by names stays.
void BoardIndex::change(const Unit& before, const Unit& after, const std::string& name) {
  if (before.number() != after.number() || before.unit_id() != after.unit_id()) {
    leave(before, name);
    return enter(after, name);
  }
  const auto find = [](const Unit& unit, const std::string& id) -> const WorkOrder* {
    for (const auto& work_order : unit.work_orders())
      if (work_order.work_order_id() == id) return released(work_order) ? &work_order : nullptr;
    return nullptr;
  };
  for (const auto& was : before.work_orders()) {
    const auto* is = find(after, was.work_order_id());
    if (is == nullptr) unit_by_work_order.erase(was.work_order_id());
    if (is == nullptr || is->changed() != was.changed())
      unit_by_change.erase(std::pair(was.changed(), was.work_order_id()));
  }
  for (const auto& is : after.work_orders()) {
    if (!released(is)) continue;
    const auto* was = find(before, is.work_order_id());
    if (was == nullptr) unit_by_work_order.set(is.work_order_id(), name);
    if (was == nullptr || was->changed() != is.changed())
      unit_by_change.set({is.changed(), is.work_order_id()}, name);
  }
  const auto finish_of = [](const Unit& unit) { return counts(unit) ? planned_finish(unit) : std::nullopt; };
  const auto old_finish = finish_of(before), new_finish = finish_of(after);
  if (old_finish != new_finish) {
    const auto line = name.substr(0, name.rfind('/') + 1);
    if (old_finish) finishes.erase(std::tuple(line, *old_finish, before.number()));
    if (new_finish) finishes.set({line, *new_finish, after.number()}, {});
  }
  const auto stops = [](const Unit& unit) { return !counts(unit) && any_running(unit); };
  if (const bool stopped = stops(before), stopping_now = stops(after); stopped != stopping_now)
    put(stopping, std::string(name), stopping_now);
}

void BoardIndex::enter(const Order& order) {
  orders.set(order.number(), order.order_id());
  if (order.cancelled()) cancelled.set(order.number(), order.order_id());
  if (order.review() != v1::PROMISE_REASON_UNSPECIFIED) to_review.set(order.number(), order.order_id());
  if (!order.parked().empty()) parked.set(order.number(), order.order_id());
  for (int i = 0; i < order.lines_size(); ++i) index_line(*this, order, i, true);
}

void BoardIndex::leave(const Order& order) {
  for (auto* map : {&orders, &cancelled, &to_review, &parked}) map->erase(order.number());
  for (int i = 0; i < order.lines_size(); ++i) index_line(*this, order, i, false);
}

}  // namespace loomline::scheduling::domain
