#include "domain/order_plants.hpp"

#include <set>

namespace loomline::scheduling::domain {
namespace {

std::string plant_of(const intake::v1::OrderLine& line) {
  if (is_id(prefix::plant, line.plant_id())) return line.plant_id();
  for (const auto& id : line.spec().plant_ids())
    if (is_id(prefix::plant, id)) return id;
  return {};
}

void say_no_plant(const intake::v1::OrderPlaced& event, const std::string& line_id, Step& step) {
  v1::LineUnschedulable said;
  said.set_order_id(event.order_id());
  said.set_line_id(line_id);
  said.set_reason("NO_PLANT");
  *said.mutable_occurred_at() = event.occurred_at();
  step.publish(said);
}

const std::string* plant_of_line(const OrderState& state, std::string_view line_id) {
  for (const auto& line : state.lines())
    if (line.line_id() == line_id) return &line.plant_id();
  return nullptr;
}

Verdict on_order_placed(OrderState& state, const intake::v1::OrderPlaced& event, Step& step) {
  if (state.lines_size() > 0) return Verdict::ignored();
  for (const auto& ordered : event.lines()) {
    auto& line = *state.add_lines();
    line.set_line_id(ordered.line_id());
    line.set_plant_id(plant_of(ordered));
    if (line.plant_id().empty()) {
      say_no_plant(event, ordered.line_id(), step);
      continue;
    }
    v1::DemandPlaced demand;
    demand.set_plant_id(line.plant_id());
    demand.set_order_id(event.order_id());
    demand.set_line_id(ordered.line_id());
    *demand.mutable_spec() = ordered.spec();
    demand.set_quantity(ordered.quantity());
    demand.set_country(event.country());
    demand.set_zone(event.zone());
    *demand.mutable_quoted() = ordered.promise();
    *demand.mutable_occurred_at() = event.occurred_at();
    step.publish(demand);
  }
  return Verdict::applied();
}

Verdict on_order_cancellation_requested(OrderState& state, const intake::v1::OrderCancellationRequested& event,
                                        Step& step) {
  if (state.lines_size() == 0) return Verdict::not_yet("OrderPlaced");
  std::set<std::string> plants;
  for (const auto& line : state.lines())
    if (!line.plant_id().empty()) plants.insert(line.plant_id());
  for (const auto& plant : plants) {
    v1::DemandCancellationRequested request;
    request.set_plant_id(plant);
    request.set_order_id(event.order_id());
    request.set_reason(event.reason());
    *request.mutable_occurred_at() = event.occurred_at();
    step.publish(request);
  }
  if (plants.empty()) {
    v1::CancellationGranted granted;
    granted.set_order_id(event.order_id());
    *granted.mutable_occurred_at() = event.occurred_at();
    step.publish(granted);
  }
  state.set_cancellation_requested(true);
  return Verdict::applied();
}

Verdict on_inspection_passed(OrderState& state, const quality::v1::InspectionPassed& event, Step& step) {
  const auto& inspection = event.inspection();
  const auto* plant = plant_of_line(state, inspection.line_id());
  if (plant == nullptr) return Verdict::not_yet("OrderPlaced with line " + inspection.line_id());
  v1::InspectionDecided decided;
  decided.set_plant_id(*plant);
  decided.set_order_id(event.order_id());
  decided.set_line_id(inspection.line_id());
  decided.set_unit_id(inspection.unit_id());
  decided.set_op_id(inspection.op_id());
  decided.set_released(true);
  *decided.mutable_occurred_at() = event.occurred_at();
  step.publish(decided);
  return Verdict::applied();
}

Verdict on_disposition_decided(OrderState& state, const quality::v1::DispositionDecided& event, Step& step) {
  const auto* plant = plant_of_line(state, event.line_id());
  if (plant == nullptr) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  v1::InspectionDecided decided;
  decided.set_plant_id(*plant);
  decided.set_order_id(event.order_id());
  decided.set_line_id(event.line_id());
  decided.set_unit_id(event.unit_id());
  decided.set_op_id(event.op_id());
  decided.set_released(event.disposition() == quality::v1::DISPOSITION_USE_AS_IS);
  if (event.disposition() == quality::v1::DISPOSITION_REWORK) {
    *decided.mutable_rework_op_ids() = event.rework_op_ids();
    // Nothing to repeat but the operation itself.
    if (decided.rework_op_ids().empty()) decided.add_rework_op_ids(event.op_id());
  }
  decided.set_nonconformity_id(event.nonconformity_id());
  *decided.mutable_occurred_at() = event.occurred_at();
  step.publish(decided);
  return Verdict::applied();
}

}  // namespace

void hear(eventing::Aggregate<OrderState>& orders) {
  orders.on<intake::v1::OrderPlaced>(on_order_placed);
  orders.on<intake::v1::OrderCancellationRequested>(on_order_cancellation_requested);
  orders.on<quality::v1::InspectionPassed>(on_inspection_passed);
  orders.on<quality::v1::DispositionDecided>(on_disposition_decided);
}

Result<v1::AdvanceClockResponse> advance_clock(state::v1::Clock& state, const v1::AdvanceClockRequest& request,
                                               Step& step) {
  if (!request.has_to()) return invalid("to", "is missing", "give the business time to move to");
  const auto to = to_time(request.to());
  if (state.has_now() && to < to_time(state.now()))
    return failed_precondition("CLOCK_BACKWARDS", "The business clock stands at " +
                                                      format_rfc3339(to_time(state.now())) + " and never goes back.");
  *state.mutable_now() = to_timestamp(to);
  common::v1::BusinessClockAdvanced event;
  event.set_clock_id(step.key());
  *event.mutable_now() = state.now();
  step.publish(event);
  v1::AdvanceClockResponse response;
  *response.mutable_now() = state.now();
  return response;
}

}  // namespace loomline::scheduling::domain
