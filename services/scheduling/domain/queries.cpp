#include "domain/queries.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>

#include "domain/network.hpp"
#include "domain/plan_store.hpp"
#include "domain/work.hpp"

namespace loomline::scheduling::domain {
namespace {

constexpr std::size_t kPage = 500;

// "RUNNING" for OPERATION_STATE_RUNNING.
std::string short_name(production::v1::OperationState state) {
  return production::v1::OperationState_Name(state).substr(std::string_view("OPERATION_STATE_").size());
}

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

}  // namespace

v1::GetPlanResponse plan_of(const PlantState& state, const std::string& order_id, Time now) {
  v1::GetPlanResponse response;
  response.set_plant_id(state.plant().plant_id());
  *response.mutable_as_of() = to_timestamp(now);
  each_work_order(state, [&](const Order& order, const Line& line, const Unit& unit, const WorkOrder& work_order) {
    if (!order_id.empty() && order.order_id() != order_id) return;
    for (const auto& op : work_order.operations()) {
      const bool ended = op.state() == production::v1::OPERATION_STATE_ENDED;
      if (order_id.empty() && (ended || (!op.in_plan() && !running(op)) || !counts(unit))) continue;
      auto& out = *response.add_operations();
      out.set_work_order_id(work_order.work_order_id());
      out.set_order_id(order.order_id());
      out.set_line_id(line.line_id());
      out.set_op_id(op.op_id());
      out.set_equipment_id(op.equipment_id());
      const auto start = op.actual_start() != 0 ? op.actual_start() : op.start();
      const auto finish = op.actual_end() != 0 ? op.actual_end() : op.finish();
      if (start != 0) *out.mutable_start() = to_timestamp(from_micros(start));
      if (finish != 0) *out.mutable_end() = to_timestamp(from_micros(finish));
      out.set_state(short_name(op.state()));
    }
  });
  std::stable_sort(response.mutable_operations()->begin(), response.mutable_operations()->end(),
                   [](const v1::PlannedOperation& a, const v1::PlannedOperation& b) {
                     return to_time(a.start()) < to_time(b.start());
                   });
  return response;
}

namespace {

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

bool wanted(const WorkOrder& work_order, const production::v1::ListWorkOrdersRequest& request, std::uint64_t since) {
  if (!request.since().empty()) return work_order.changed() > since;
  if (!request.states().empty())
    return std::find(request.states().begin(), request.states().end(), work_order.state()) != request.states().end();
  return work_order.state() != production::v1::WORK_ORDER_STATE_COMPLETED &&
         work_order.state() != production::v1::WORK_ORDER_STATE_RECALLED;
}

}  // namespace

Result<production::v1::ListWorkOrdersResponse> work_orders_of(const PlantState& state,
                                                              const production::v1::ListWorkOrdersRequest& request) {
  if (!request.since().empty() && !request.states().empty())
    return invalid("states", "does not go with `since`", "leave one of them out");
  const auto since = request.since().empty() ? Result<std::uint64_t>(0) : changes_of(state, request.since());
  if (!since.ok()) return since.status();
  std::map<std::string, std::function<production::v1::WorkOrder()>> found;
  each_work_order(state, [&](const Order& order, const Line& line, const Unit& unit, const WorkOrder& work_order) {
    if (work_order.work_order_id() > request.after() && wanted(work_order, request, *since))
      found.emplace(work_order.work_order_id(), [&] { return as_offered(state, order, line, unit, work_order); });
  });
  production::v1::ListWorkOrdersResponse response;
  response.set_cursor(std::to_string(state.changes()));
  if (!request.since().empty())
    for (const auto& gone : state.gone())
      if (gone.changed() > *since) response.add_gone_work_order_ids(gone.work_order_id());
  for (const auto& [id, make] : found) {
    if (response.work_orders_size() == static_cast<int>(kPage)) {
      response.set_next_after(response.work_orders(response.work_orders_size() - 1).work_order_id());
      break;
    }
    *response.add_work_orders() = make();
  }
  return response;
}

production::v1::ListShipmentsResponse shipments_of(const PlantState& state, bool include_delivered) {
  production::v1::ListShipmentsResponse response;
  for (const auto& order : state.orders())
    if (order.has_shipment()) *response.add_shipments() = as_reported(order.shipment(), state.plant().plant_id());
  if (include_delivered)
    for (const auto& shipment : state.delivered())
      *response.add_shipments() = as_reported(shipment, state.plant().plant_id());
  return response;
}

struct Quoting::Impl {
  PlantState state;
  planning::Plan plan;
  std::string country, zone;
  std::uint32_t permille;
  Time now;
  std::optional<planning::Job> last;
};

Quoting::Quoting(PlantState state, const v1::QuotePromiseRequest& request, Time now) {
  tidy(state, now);
  std::vector<const ManufacturingSpec*> specs;
  for (const auto& line : request.lines()) specs.push_back(&line.spec());
  auto plan = load(state, specs);
  const auto permille = request.probability_permille() == 0 ? 900 : request.probability_permille();
  impl_ = std::make_unique<Impl>(
      Impl{std::move(state), std::move(plan), request.country(), request.zone(), permille, now, {}});
}
Quoting::~Quoting() = default;
Quoting::Quoting(Quoting&&) noexcept = default;

Status Quoting::add(const v1::QuoteLine& line) {
  if (auto status = check_spec(line.spec(), line.quantity()); !status.ok()) return status;
  auto draft = impl_->plan;
  auto last = impl_->last;
  for (std::int64_t i = 0; i < line.quantity(); ++i) {
    Unit unit;
    impl_->state.set_counter(impl_->state.counter() + 1);
    unit.set_number(impl_->state.counter());
    unit.set_earliest(micros(impl_->now));
    *unit.add_work_orders() = make_work_order(line.spec(), "wo_");
    auto placed = engine().place(draft, demand_of(line.spec(), unit), impl_->now);
    if (!placed) return placed.status();
    if (!last || placed->finish() > last->finish()) last = std::move(placed->job);
  }
  impl_->plan = std::move(draft);
  impl_->last = std::move(last);
  return {};
}

Result<v1::Promise> Quoting::promise() const {
  if (!impl_->last) return failed_precondition("NOTHING_QUOTED", "No line was asked for.");
  return offer(impl_->plan, impl_->state.plant(), *impl_->last, impl_->country, impl_->zone, impl_->permille,
               impl_->now);
}

}  // namespace loomline::scheduling::domain
