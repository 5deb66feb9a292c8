#include "domain/stock.hpp"

#include "domain/plant_model.hpp"
#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {
namespace {

state::v1::Stock& stock_of(PlantStep& step, const std::string& item_id) {
  if (auto* known = step.stock.edit(item_id); known != nullptr) return *known;
  auto& fresh = step.stock.add(item_id);
  fresh.set_item_id(item_id);
  return fresh;
}

void receive(PlantStep& step, const std::string& name) {
  const auto* in = step.inbound.find(name);
  auto& stock = stock_of(step, in->item_id());
  stock.set_on_hand(stock.on_hand() + in->quantity());
  if (step.published) (void)step.plan().receive(in->item_id(), in->inbound_id(), in->quantity()).ok();
  step.inbound.erase(name);
}

void tidy_down(PlantStep& step, const std::string& name) {
  const auto* down = step.downs.find(name);
  if (!down->open()) {
    if (step.published) (void)step.plan().set_down(down->equipment_id(), {name, {}, {}}).ok();
    step.downs.erase(name);
    return;
  }
  // Nobody has said that it is back.
  auto* lasting = step.downs.edit(name);
  lasting->set_until(micros(step.now));
  if (step.published) (void)step.plan().set_down(lasting->equipment_id(), down_of(*lasting)).ok();
}

planning::Inbound inbound_of(const state::v1::Inbound& in) {
  return {in.inbound_id(), in.quantity(), from_micros(in.due()), in.planned()};
}

std::int64_t on_hand_of(const eventing::PartStore& parts, const std::string& item_id) {
  const auto* stock = eventing::PartsView<state::v1::Stock>(parts).find(item_id);
  return stock == nullptr ? 0 : stock->on_hand();
}

}  // namespace

std::string inbound_name(const std::string& item_id, const std::string& inbound_id) {
  return item_id + "/" + inbound_id;
}

Duration lead_time(const v1::Plant& plant) { return std::chrono::hours(plant.default_supply_hours()); }

planning::Item item_of(const eventing::PartStore& parts, const std::string& item_id, Duration lead) {
  planning::Item item{item_id, on_hand_of(parts, item_id), lead, {}};
  eventing::PartsView<state::v1::Inbound>(parts).each(
      item_id + "/", [&](const std::string&, const state::v1::Inbound& in) { item.inbound.push_back(inbound_of(in)); });
  return item;
}

void know_item(planning::Plan& plan, const eventing::PartStore& parts, const std::string& item_id, Duration lead) {
  if (!plan.on_hand(item_id)) (void)plan.put_item(item_of(parts, item_id, lead)).ok();
}

void follow_stock(planning::Plan& plan, const eventing::PartStore& parts, const std::string& item_id) {
  (void)plan.put_on_hand(item_id, on_hand_of(parts, item_id)).ok();
}

void follow_inbound(planning::Plan& plan, const eventing::PartStore& parts, const std::string& item_id,
                    const std::string& inbound_id) {
  const auto* in = eventing::PartsView<state::v1::Inbound>(parts).find(inbound_name(item_id, inbound_id));
  (void)plan.put_inbound(item_id, inbound_id, in == nullptr ? std::nullopt : std::optional(inbound_of(*in))).ok();
}

planning::Down down_of(const state::v1::Down& down) {
  return {down.down_id(), {from_micros(down.from()), from_micros(down.until())}, down.reason()};
}

void tidy(PlantStep& step) {
  std::vector<std::string> due, over;
  for (const auto entry : step.board.index.inbound_due) {
    if (entry.key.first > micros(step.now)) break;
    due.push_back(entry.key.second);
  }
  for (const auto& name : due) receive(step, name);
  for (const auto entry : step.board.index.downs_due) {
    if (entry.key.first >= micros(step.now)) break;
    over.push_back(entry.key.second);
  }
  for (const auto& name : over) tidy_down(step, name);
}

Status book(PlantStep& step, const std::string& field, const v1::MaterialSupply& supply) {
  const auto& id = supply.item().item_id();
  auto& stock = stock_of(step, id);
  if (stock.unit().empty()) stock.set_unit(supply.quantity().unit());
  if (stock.unit() != supply.quantity().unit())
    return invalid(field + ".quantity.unit", "differs from the unit that the item is counted in",
                   "give the quantity in " + stock.unit());
  const auto quantity = in_millionths(supply.quantity()).value();
  if (!supply.has_available_at() || to_time(supply.available_at()) <= step.now) {
    stock.set_on_hand(stock.on_hand() + quantity);
    if (step.published) step.know_item(id);
    if (step.published) (void)step.plan().set_on_hand(id, stock.on_hand()).ok();
  } else if (quantity > 0) {
    const auto inbound_id = "sup-" + std::to_string(step.count_up());
    auto& in = step.inbound.add(inbound_name(id, inbound_id));
    in.set_inbound_id(inbound_id);
    in.set_item_id(id);
    in.set_quantity(quantity);
    in.set_due(micros(to_time(supply.available_at())));
    if (step.published) step.know_item(id);
    if (step.published) (void)step.plan().set_inbound(id, {inbound_id, quantity, from_micros(in.due()), false}).ok();
  }
  return {};
}

void write_item(PlantStep& step, const std::string& item_id) {
  const auto on_hand = step.plan().on_hand(item_id);
  const auto* known = step.stock.find(item_id);
  if (!on_hand || *on_hand == (known == nullptr ? 0 : known->on_hand())) return;
  stock_of(step, item_id).set_on_hand(*on_hand);
}

void write_inbound(PlantStep& step, const std::string& item_id, const std::string& inbound_id) {
  const auto name = inbound_name(item_id, inbound_id);
  const auto in = step.plan().find_inbound(item_id, inbound_id);
  if (!in) {
    step.inbound.erase(name);
    return;
  }
  const auto* known = step.inbound.find(name);
  if (known != nullptr && known->quantity() == in->quantity && known->due() == micros(in->due) &&
      known->planned() == in->planned)
    return;
  if (step.stock.find(item_id) == nullptr) (void)stock_of(step, item_id);  // once asked for, it is known
  auto* part = step.inbound.edit(name);
  if (part == nullptr) part = &step.inbound.add(name);
  part->set_inbound_id(in->id);
  part->set_item_id(item_id);
  part->set_quantity(in->quantity);
  part->set_due(micros(in->due));
  part->set_planned(in->planned);
}

}  // namespace loomline::scheduling::domain
