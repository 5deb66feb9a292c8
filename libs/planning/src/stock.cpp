// Facts about machines and material, and material as it is stored.
#include <algorithm>
#include <tuple>

#include "plan_state.hpp"

namespace loomline::planning {
namespace {

Status no_item() { return not_found("ITEM_UNKNOWN", "The plant has no such item."); }

// What `before` kept from working and `after` does not.
void set_free(PlanState& state, const std::string& machine, const Interval& before, const Interval& after) {
  const Interval parts[] = {{before.begin, std::min(before.end, std::max(after.begin, before.begin))},
                            {std::max(before.begin, std::min(after.end, before.end)), before.end}};
  for (const auto& part : parts) {
    if (part.begin >= part.end) continue;
    ++state.relief;
    state.marks.freed.add({Freed::Kind::machine, machine, {}, part.begin, part.end, Time::min()});
  }
}

}  // namespace

Status Plan::set_down(std::string_view machine, const Down& down) {
  const auto* on = state_->machine(machine);
  if (on == nullptr) return not_found("EQUIPMENT_UNKNOWN", "The plant has no such machine.");
  auto next = *on->machine;
  auto& downs = next.downs;
  const auto known = std::find_if(downs.begin(), downs.end(), [&](const Down& d) { return d.id == down.id; });
  const auto before = known == downs.end() ? Interval{down.period.begin, down.period.begin} : known->period;
  if (known != downs.end()) downs.erase(known);
  if (down.period.begin < down.period.end) downs.push_back(down);  // a breakdown that never was leaves nothing
  std::sort(downs.begin(), downs.end(),
            [](const Down& a, const Down& b) { return std::tie(a.period, a.id) < std::tie(b.period, b.id); });
  if (next == *on->machine) return {};
  const auto doubt = [&](const Booking& b) { state_->suspect(b.op); };
  if (before.begin < before.end) on->timeline.each_within(before, doubt);
  if (down.period.begin < down.period.end) on->timeline.each_within(down.period, doubt);
  state_->marks.machines.set(next.id, {});
  set_free(*state_, next.id, before, down.period);
  state_->write_machine(machine).machine = std::make_shared<const Machine>(std::move(next));
  return {};
}

Status Plan::receive(std::string_view item, std::string_view inbound_id, std::int64_t quantity) {
  const auto* stock = state_->item(item);
  if (stock == nullptr) return no_item();
  const std::string id(item);
  state_->drop_inbound(id, std::string(inbound_id));
  if (quantity == 0) return {};
  state_->set_on_hand(id, state_->item(item)->ledger.on_hand() + quantity);
  if (quantity > 0) state_->set_free(id, Time::min());
  return {};
}

Status Plan::set_inbound(std::string_view item, const Inbound& inbound) {
  const auto* stock = state_->item(item);
  if (stock == nullptr) return no_item();
  const std::string id(item);
  const auto known = find_inbound(item, inbound.id);
  if (known && *known == inbound) return {};
  state_->drop_inbound(id, inbound.id);
  if (inbound.quantity <= 0) return {};
  state_->add_inbound(id, inbound);
  if (!known || known->quantity < inbound.quantity || known->due > inbound.due) state_->set_free(id, inbound.due);
  return {};
}

Status Plan::set_on_hand(std::string_view item, std::int64_t quantity) {
  const auto* stock = state_->item(item);
  if (stock == nullptr) return no_item();
  const auto before = stock->ledger.on_hand();
  if (before == quantity) return {};
  state_->set_on_hand(std::string(item), quantity);
  if (quantity > before) state_->set_free(std::string(item), Time::min());
  return {};
}

Status Plan::put_on_hand(std::string_view item, std::int64_t quantity) {
  const auto* stock = state_->item(item);
  if (stock == nullptr) return no_item();
  const std::string id(item);
  if (stock->ledger.on_hand() != quantity) {
    state_->set_on_hand(id, quantity);
    ++state_->write_item(item).relief;
  }
  state_->marks.stock.erase(id);
  return {};
}

Status Plan::put_inbound(std::string_view item, const std::string& inbound_id, const std::optional<Inbound>& inbound) {
  if (state_->item(item) == nullptr) return no_item();
  const std::string id(item);
  if (inbound && inbound->quantity <= 0)
    return invalid("items[" + id + "].inbound[" + inbound_id + "]", "has no quantity", "give 1 or more");
  if (find_inbound(item, inbound_id) != inbound) {
    state_->drop_inbound(id, inbound_id);
    if (inbound) state_->add_inbound(id, *inbound);
    ++state_->write_item(item).relief;
  }
  state_->marks.inbound.erase(std::pair(id, inbound_id));
  return {};
}

}  // namespace loomline::planning
