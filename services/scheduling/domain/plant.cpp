// Plants and their material.
#include "domain/plant.hpp"

#include <set>

#include "domain/network.hpp"
#include "domain/plan_store.hpp"
#include "domain/plant_model.hpp"
#include "domain/work.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling::domain {
namespace {

state::v1::Stock* find_stock(PlantState& state, const std::string& item_id) {
  for (auto& stock : *state.mutable_stock())
    if (stock.item_id() == item_id) return &stock;
  return nullptr;
}

// Adds a supply to the books; the item must be counted in one unit.
Status book(PlantState& state, const std::string& field, const v1::MaterialSupply& supply, Time now) {
  const auto& id = supply.item().item_id();
  auto* stock = find_stock(state, id);
  if (stock == nullptr) {
    stock = state.add_stock();
    stock->set_item_id(id);
  }
  if (stock->unit().empty()) stock->set_unit(supply.quantity().unit());
  if (stock->unit() != supply.quantity().unit())
    return invalid(field + ".quantity.unit", "differs from the unit that the item is counted in",
                   "give the quantity in " + stock->unit());
  const auto quantity = in_millionths(supply.quantity()).value();
  if (!supply.has_available_at() || to_time(supply.available_at()) <= now) {
    stock->set_on_hand(stock->on_hand() + quantity);
  } else if (quantity > 0) {
    state.set_counter(state.counter() + 1);
    auto& in = *stock->add_inbound();
    in.set_inbound_id("sup-" + std::to_string(state.counter()));
    in.set_quantity(quantity);
    in.set_due(micros(to_time(supply.available_at())));
  }
  return {};
}

Status unknown_plant(std::string_view plant_id) {
  return not_found("PLANT_UNKNOWN", "No plant " + std::string(plant_id.substr(0, 60)) + " was published here.");
}

}  // namespace

Result<v1::PublishPlantResponse> publish_plant(PlantState& state, const v1::PublishPlantRequest& request, Step& step) {
  if (auto status = check_plant(request.plant()); !status.ok()) return status;
  // The books are kept by supplies and the floor: a revision only adds the items that were not there.
  tidy(state, step.now());
  *state.mutable_plant() = request.plant();
  std::set<std::string> known;
  for (const auto& stock : state.stock()) known.insert(stock.item_id());
  for (int i = 0; i < request.plant().supplies_size(); ++i) {
    const auto& supply = request.plant().supplies(i);
    if (known.contains(supply.item().item_id())) continue;
    if (auto status = book(state, wire::path("supplies", i), supply, step.now()); !status.ok()) return status;
  }
  state.set_revision(state.revision() + 1);
  v1::PlantPublished event;
  event.set_plant_id(state.plant().plant_id());
  event.set_revision(state.revision());
  *event.mutable_name() = state.plant().name();
  event.set_zone(state.plant().zone());
  *event.mutable_occurred_at() = to_timestamp(step.now());
  step.publish(event);
  Work(state, step).settle(true);
  v1::PublishPlantResponse response;
  response.set_plant_id(state.plant().plant_id());
  response.set_revision(state.revision());
  return response;
}

Result<v1::AddSupplyResponse> add_supply(PlantState& state, const v1::AddSupplyRequest& request, Step& step) {
  if (state.revision() == 0) return unknown_plant(request.plant_id());
  if (auto status = check_supply("supply", request.supply()); !status.ok()) return status;
  tidy(state, step.now());
  if (auto status = book(state, "supply", request.supply(), step.now()); !status.ok()) return status;
  Work(state, step).settle(true);
  return v1::AddSupplyResponse{};
}

Verdict on_demand_placed(PlantState& state, const v1::DemandPlaced& event, Step& step) {
  auto* order = find_order(state, event.order_id());
  if (order != nullptr && (order->cancelled() || find_line(*order, event.line_id()) != nullptr))
    return Verdict::ignored();
  if (order == nullptr) {
    order = state.add_orders();
    order->set_order_id(event.order_id());
    order->set_country(event.country());
    order->set_zone(event.zone());
  }
  auto& line = *order->add_lines();
  line.set_line_id(event.line_id());
  *line.mutable_spec() = event.spec();
  line.set_quantity(event.quantity());
  *line.mutable_promise() = event.quoted();
  line.mutable_promise()->set_revision(0);
  // What cannot be made at all is kept as one unit that waits, for an operator to see.
  const bool sound = check_spec(event.spec(), event.quantity()).ok();
  for (std::int64_t i = 0; i < (sound ? event.quantity() : 1); ++i) mint_unit(state, step, line);
  Work work(state, step);
  if (work.published)
    work.settle();
  else
    place_waiting(work);
  return Verdict::applied();
}

Verdict on_material_due(PlantState& state, const state::v1::MaterialDue& due, Step& step) {
  auto* order = find_order(state, due.order_id());
  auto* line = order == nullptr ? nullptr : find_line(*order, due.line_id());
  if (line == nullptr || order->cancelled() || line->material_ready()) return Verdict::ignored();
  line->set_material_ready(true);
  v1::MaterialReady event;
  event.set_order_id(order->order_id());
  event.set_line_id(line->line_id());
  *event.mutable_occurred_at() = to_timestamp(step.now());
  step.publish(event);
  return Verdict::applied();
}

}  // namespace loomline::scheduling::domain
