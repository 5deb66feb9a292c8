#include "domain/queries.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "domain/changes.hpp"
#include "domain/offering.hpp"
#include "domain/unit_facts.hpp"
#include "loomline/wire/enum_name.hpp"

namespace loomline::scheduling::domain {
namespace {

constexpr std::size_t kPage = 500;

production::v1::Shipment as_reported(const state::v1::Shipment& from, const std::string& plant_id) {
  production::v1::Shipment out;
  out.set_shipment_id(from.shipment_id());
  out.set_order_id(from.order_id());
  out.set_plant_id(plant_id);
  out.set_state(from.state());
  *out.mutable_unit_ids() = from.unit_ids();
  out.set_carrier(from.carrier());
  out.set_country(from.country());
  *out.mutable_planned_dispatch() = to_timestamp(from_micros(from.planned_dispatch()));
  if (from.dispatched_at() != 0) *out.mutable_dispatched_at() = to_timestamp(from_micros(from.dispatched_at()));
  if (from.delivered_at() != 0) *out.mutable_delivered_at() = to_timestamp(from_micros(from.delivered_at()));
  if (from.has_waybill()) *out.mutable_waybill() = from.waybill();
  return out;
}

void list_operations(const PlantView& plant, const std::string& order_id, bool only_open,
                     v1::GetPlanResponse& response) {
  const auto add = [&](const std::string& line_id, const WorkOrder& work_order, const Operation& op) {
    auto& out = *response.add_operations();
    out.set_work_order_id(work_order.work_order_id());
    out.set_order_id(order_id);
    out.set_line_id(line_id);
    out.set_op_id(op.op_id());
    out.set_equipment_id(op.equipment_id());
    const auto start = op.actual_start() != 0 ? op.actual_start() : op.start();
    const auto finish = op.actual_end() != 0 ? op.actual_end() : op.finish();
    if (start != 0) *out.mutable_start() = to_timestamp(from_micros(start));
    if (finish != 0) *out.mutable_end() = to_timestamp(from_micros(finish));
    out.set_state(wire::short_name(op.state()));
  };
  const auto open = [](const Unit& unit, const Operation& op) {
    return op.state() != production::v1::OPERATION_STATE_ENDED && (op.in_plan() || running(op)) && counts(unit);
  };
  const auto* order = plant.parts_of<Order>().find(order_id);
  if (order == nullptr) return;
  for (const auto& line : order->lines())
    plant.parts_of<Unit>().each(units_of(order_id, line.line_id()), [&](const std::string&, const Unit& unit) {
      for (const auto& work_order : unit.work_orders())
        for (const auto& op : work_order.operations())
          if (!only_open || open(unit, op)) add(line.line_id(), work_order, op);
    });
}

}  // namespace

v1::GetPlanResponse plan_of(const PlantView& plant, const std::string& order_id, Time now) {
  v1::GetPlanResponse response;
  response.set_plant_id(plant.model().plant_id());
  *response.mutable_as_of() = to_timestamp(now);
  if (!order_id.empty())
    list_operations(plant, order_id, false, response);
  else
    for (const auto entry : plant.board().index.orders) list_operations(plant, entry.value, true, response);
  std::stable_sort(response.mutable_operations()->begin(), response.mutable_operations()->end(),
                   [](const v1::PlannedOperation& a, const v1::PlannedOperation& b) {
                     return to_time(a.start()) < to_time(b.start());
                   });
  return response;
}

namespace {

using production::v1::ListWorkOrdersRequest, production::v1::ListWorkOrdersResponse;

// The plant's count of changes that a cursor names.
Result<std::uint64_t> changes_of(const PlantState& state, const std::string& cursor) {
  std::uint64_t changes = 0;
  const auto* end = cursor.data() + cursor.size();
  if (std::from_chars(cursor.data(), end, changes).ptr != end || changes > state.changes())
    return invalid("since", "is not a cursor of this plant", "give the `cursor` of an earlier answer, or nothing");
  if (changes < state.gone_known())
    return Status(Code::out_of_range, "CURSOR_TOO_OLD", "Too much has changed since that cursor.")
        .with({"since", "is too old", "list the work orders without it"});
  return changes;
}

bool wanted(const WorkOrder& work_order, const ListWorkOrdersRequest& request) {
  if (!request.states().empty())
    return std::find(request.states().begin(), request.states().end(), work_order.state()) != request.states().end();
  return work_order.state() != production::v1::WORK_ORDER_STATE_COMPLETED &&
         work_order.state() != production::v1::WORK_ORDER_STATE_RECALLED;
}

// Adds the work order where it is wanted; false where the page is full.
bool add(const PlantView& plant, const std::string& id, const std::string& unit_name,
         const ListWorkOrdersRequest* filter, ListWorkOrdersResponse& response) {
  const auto* unit = plant.parts_of<Unit>().find(unit_name);
  const auto* order = plant.parts_of<Order>().find(std::string(order_of(unit_name)));
  const auto* line = order == nullptr ? nullptr : find_line(*order, line_of(unit_name));
  if (unit == nullptr || line == nullptr) return true;
  for (const auto& work_order : unit->work_orders()) {
    if (work_order.work_order_id() != id || (filter != nullptr && !wanted(work_order, *filter))) continue;
    if (response.work_orders_size() == static_cast<int>(kPage)) {
      response.set_next_after(response.work_orders(response.work_orders_size() - 1).work_order_id());
      return false;
    }
    // One order whose data is broken must not hide the others from the floor.
    if (const auto* routing = plant.board().routings.find(line->spec_key());
        routing != nullptr && order->parked().empty())
      *response.add_work_orders() = as_offered(plant.model().plant_id(), unit_name, *unit, **routing, work_order);
  }
  return true;
}

void list_since(const PlantView& plant, std::uint64_t since, const std::string& after,
                ListWorkOrdersResponse& response) {
  const auto& index = plant.board().index.unit_by_change;
  std::map<std::string, std::string> changed;
  for (auto it = index.lower_bound(std::pair(since + 1, std::string())); it != index.end(); ++it)
    if (it.key().second > after) changed.emplace(it.key().second, it.value());
  for (const auto& [id, unit_name] : changed)
    if (!add(plant, id, unit_name, nullptr, response)) break;
  const auto& gone = plant.parts().map(plant.parts().collection_of(state::v1::Gone::descriptor()));
  for (auto it = gone.lower_bound(gone_name(since + 1)); it != gone.end(); ++it)
    for (const auto& id : plant.parts_of<state::v1::Gone>().find(it.key())->work_order_ids())
      response.add_gone_work_order_ids(id);
}

}  // namespace

Result<ListWorkOrdersResponse> work_orders_of(const PlantView& plant, const ListWorkOrdersRequest& request) {
  if (!request.since().empty() && !request.states().empty())
    return invalid("states", "does not go with `since`", "leave one of them out");
  ListWorkOrdersResponse response;
  response.set_cursor(std::to_string(plant.state().changes()));
  response.set_shipments_cursor(std::to_string(plant.state().shipment_changes()));
  if (!request.since().empty()) {
    const auto since = changes_of(plant.state(), request.since());
    if (!since.ok()) return since.status();
    list_since(plant, *since, request.after(), response);
    return response;
  }
  const auto& index = plant.board().index.unit_by_work_order;
  for (auto it = index.lower_bound(request.after()); it != index.end(); ++it)
    if (it.key() != request.after() && !add(plant, it.key(), it.value(), &request, response)) break;
  return response;
}

production::v1::ListShipmentsResponse shipments_of(const PlantView& plant, bool include_delivered) {
  const auto shipments = plant.parts_of<state::v1::Shipment>();
  std::map<std::uint64_t, const state::v1::Shipment*> open;  // by the arrival of their orders
  shipments.each([&](const std::string&, const state::v1::Shipment& shipment) {
    const auto* order = plant.parts_of<Order>().find(shipment.order_id());
    if (shipment.delivery() == 0 && order != nullptr) open.emplace(order->number(), &shipment);
  });
  production::v1::ListShipmentsResponse response;
  const auto& plant_id = plant.model().plant_id();
  for (const auto& [number, shipment] : open) *response.add_shipments() = as_reported(*shipment, plant_id);
  if (include_delivered)
    for (const auto entry : plant.board().index.deliveries)
      *response.add_shipments() = as_reported(*shipments.find(entry.value), plant_id);
  return response;
}

}  // namespace loomline::scheduling::domain
