#include "domain/offering.hpp"

#include <map>

#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

void describe(const Routing& routing, const Operation& op, production::v1::WorkOrderOperation& out) {
  const auto& routed = routing.at(op.op_id());
  out.set_op_id(op.op_id());
  *out.mutable_name() = routed.name();
  out.set_equipment_class(routed.equipment_class());
  out.set_equipment_id(op.equipment_id());
  if (op.start() != 0) *out.mutable_planned_start() = to_timestamp(from_micros(op.start()));
  if (op.finish() != 0) *out.mutable_planned_end() = to_timestamp(from_micros(op.finish()));
  out.set_planned_seconds(routed.setup_seconds() + routed.run_seconds());
  out.set_state(op.state());
  if (op.actual_start() != 0) *out.mutable_actual_start() = to_timestamp(from_micros(op.actual_start()));
  if (op.actual_end() != 0) *out.mutable_actual_end() = to_timestamp(from_micros(op.actual_end()));
  *out.mutable_characteristic_ids() = routed.characteristic_ids();
}

}  // namespace

production::v1::WorkOrder as_offered(std::string_view plant_id, std::string_view unit_name, const Unit& unit,
                                     const Routing& routing, const WorkOrder& from) {
  production::v1::WorkOrder out;
  out.set_work_order_id(from.work_order_id());
  out.set_revision(from.revision());
  out.set_kind(from.kind());
  out.set_state(from.state());
  out.set_plant_id(std::string(plant_id));
  out.set_order_id(std::string(order_of(unit_name)));
  out.set_line_id(std::string(line_of(unit_name)));
  out.add_unit_ids(unit.unit_id());
  out.set_quantity(1);
  *out.mutable_product_name() = routing.spec().product_name();
  std::map<std::string_view, std::string_view> own;
  for (const auto& op : from.operations()) own[op.plan_op_id()] = op.op_id();
  for (const auto& op : from.operations()) {
    auto& described = *out.add_operations();
    describe(routing, op, described);
    // Only those of the same work order: what another holds up shows in the state.
    for (const auto& p : op.plan_predecessors())
      if (const auto it = own.find(p); it != own.end()) described.add_predecessors(std::string(it->second));
  }
  if (from.kind() == production::v1::WORK_ORDER_KIND_MAKE) *out.mutable_bom() = routing.spec().bom();
  if (from.has_job()) *out.add_external_refs() = from.job();
  out.set_parent_work_order_id(from.parent_work_order_id());
  return out;
}

void offer_work_order(PlantStep& step, const Piece& piece, const WorkOrder& work_order, Time at) {
  production::v1::WorkOrderOffered event;
  event.set_plant_id(step.step.key());
  *event.mutable_work_order() = as_offered(step.step.key(), piece.name, piece.unit, piece.routing, work_order);
  *event.mutable_occurred_at() = to_timestamp(at);
  step.step.publish(event);
}

}  // namespace loomline::scheduling::domain
