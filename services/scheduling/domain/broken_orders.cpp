#include "domain/broken_orders.hpp"

#include "domain/plant.hpp"
#include "domain/shipping.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

constexpr std::size_t kLongestReason = 300;

void say_parked(PlantStep& step, const Order& order, const std::string& line_id) {
  v1::LineUnschedulable event;
  event.set_order_id(order.order_id());
  event.set_line_id(line_id);
  event.set_plant_id(step.step.key());
  event.set_reason("ORDER_PARKED: " + order.parked());
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
}

state::v1::Kept* keep(PlantStep& step, const Order& order) {
  if (order.parked().empty()) return nullptr;
  auto& state = step.state;
  state.set_kept_counted(state.kept_counted() + 1);
  return &step.kept.add(order.order_id() + "/" + twelve_digits(state.kept_counted()));
}

void replay(PlantStep& step, const state::v1::Kept& kept) {
  switch (kept.what_case()) {
    case state::v1::Kept::kDemand:
      (void)on_demand_placed(step, kept.demand());
      return;
    case state::v1::Kept::kCancellation:
      (void)on_cancellation_requested(step, kept.cancellation());
      return;
    case state::v1::Kept::kInspection:
      (void)on_inspection_decided(step, kept.inspection());
      return;
    case state::v1::Kept::kMaterial:
      (void)on_material_due(step, kept.material());
      return;
    case state::v1::Kept::kReoffer:
      (void)on_reoffer_due(step, kept.reoffer());
      return;
    case state::v1::Kept::WHAT_NOT_SET:
      return;
  }
}

}  // namespace

void park(PlantStep& step, const std::string& order_id, const std::string& why) {
  auto& order = step.know_order(order_id);  // it may be its first demand that broke
  if (!order.parked().empty()) return;
  order.set_parked(why.substr(0, kLongestReason));
  order.clear_review();
  if (step.published)
    for (const auto& name : names_of_units(step, order_id)) step.plan().remove(job_id(*step.units.find(name)));
  for (const auto& line : order.lines()) say_parked(step, order, line.line_id());
}

bool keep_for_parked(PlantStep& step, const Order& order, const v1::DemandPlaced& event) {
  auto* kept = keep(step, order);
  if (kept == nullptr) return false;
  *kept->mutable_demand() = event;
  say_parked(step, order, event.line_id());
  return true;
}
bool keep_for_parked(PlantStep& step, const Order& order, const v1::DemandCancellationRequested& event) {
  auto* kept = keep(step, order);
  if (kept != nullptr) *kept->mutable_cancellation() = event;
  return kept != nullptr;
}
bool keep_for_parked(PlantStep& step, const Order& order, const v1::InspectionDecided& event) {
  auto* kept = keep(step, order);
  if (kept != nullptr) *kept->mutable_inspection() = event;
  return kept != nullptr;
}
bool keep_for_parked(PlantStep& step, const Order& order, const state::v1::MaterialDue& due) {
  auto* kept = keep(step, order);
  if (kept != nullptr) *kept->mutable_material() = due;
  return kept != nullptr;
}
bool keep_for_parked(PlantStep& step, const Order& order, const state::v1::ReofferDue& due) {
  auto* kept = keep(step, order);
  if (kept != nullptr) *kept->mutable_reoffer() = due;
  return kept != nullptr;
}

std::set<std::string> unpark(PlantStep& step) {
  std::set<std::string> orders;
  for (const auto entry : step.board.index.parked) {
    if (step.broken.contains(entry.value)) continue;
    step.orders.edit(entry.value)->clear_parked();
    orders.insert(entry.value);
  }
  return orders;
}

void replay(PlantStep& step, const std::string& order_id) {
  std::vector<std::string> names;
  step.kept.each(order_id + "/", [&](const std::string& name, const state::v1::Kept&) { names.push_back(name); });
  for (const auto& name : names) {
    const auto kept = *step.kept.find(name);
    step.kept.erase(name);
    within(order_id, [&] { replay(step, kept); });
  }
}

}  // namespace loomline::scheduling::domain
