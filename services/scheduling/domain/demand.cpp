// Lines to make, their material, and what one step left for the next.
#include "domain/backlog.hpp"
#include "domain/broken_orders.hpp"
#include "domain/plant.hpp"

namespace loomline::scheduling::domain {
namespace {

void add_line(PlantStep& step, const v1::DemandPlaced& event) {
  auto& order = step.know_order(event.order_id());
  order.set_country(event.country());
  order.set_zone(event.zone());
  auto& line = *order.add_lines();
  line.set_line_id(event.line_id());
  line.set_spec_key(step.know_spec(event.spec()));
  line.set_quantity(event.quantity());
  *line.mutable_promise() = event.quoted();
  line.mutable_promise()->set_revision(0);
  // What cannot be made at all is kept as one unit that waits, for an operator to see.
  const bool sound = check_spec(event.spec(), event.quantity()).ok();
  for (std::int64_t i = 0; i < (sound ? event.quantity() : 1); ++i) (void)step.mint(order, line);
}

}  // namespace

Verdict on_demand_placed(PlantStep& step, const v1::DemandPlaced& event) {
  if (const auto* order = step.orders.find(event.order_id()); order != nullptr) {
    if (order->cancelled() || find_line(*order, event.line_id()) != nullptr) return Verdict::ignored();
    if (keep_for_parked(step, *order, event)) return Verdict::applied();
  }
  step.catch_up();
  within(event.order_id(), [&] { add_line(step, event); });
  step.settle();
  return Verdict::applied();
}

Verdict on_material_due(PlantStep& step, const state::v1::MaterialDue& due) {
  const auto* known = step.orders.find(due.order_id());
  const auto* of_line = known == nullptr ? nullptr : find_line(*known, due.line_id());
  if (of_line == nullptr || known->cancelled() || of_line->material_ready()) return Verdict::ignored();
  if (keep_for_parked(step, *known, due)) return Verdict::applied();
  auto& order = *step.orders.edit(due.order_id());
  find_line(order, due.line_id())->set_material_ready(true);
  v1::MaterialReady event;
  event.set_order_id(due.order_id());
  event.set_line_id(due.line_id());
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
  return Verdict::applied();
}

Verdict on_unfinished(PlantStep& step, const state::v1::Unfinished&) {
  step.state.set_unfinished(0);
  step.most_pulled_jobs = PlantStep::kPulledLater;
  step.catch_up();
  step.settle();
  return Verdict::applied();
}

}  // namespace loomline::scheduling::domain
