// Work orders and operations.
#include <algorithm>

#include "ledger.hpp"
#include "loomline/scheduling/lives.hpp"

namespace loomline::simulation {

using namespace production::v1;  // NOLINT: the events, by name
using scheduling::v1::OperationProgressed;

void Ledger::listen_to_floor() {
  on<OperationProgressed>(&Ledger::take);
  on<WorkOrderOffered>(&Ledger::take);
  on<WorkOrderAnswered>(&Ledger::take);
  on<WorkOrderRecalled>(&Ledger::take);
  on<WorkOrderCompleted>(&Ledger::take);
}

void Ledger::move(const std::string& work_order_id, WorkOrderState to) {
  auto& [state, offered, batch] = work_orders_[work_order_id];
  // That its first operation began is said on the order's chain.
  if (to == WORK_ORDER_STATE_COMPLETED && state != WORK_ORDER_STATE_RECALLED) state = WORK_ORDER_STATE_RUNNING;
  require(wire::may_follow(scheduling::work_order_life, state, to), "work order " + work_order_id + " goes from " +
                                                                        wire::short_name(state) + " to " +
                                                                        wire::short_name(to));
  state = to;
  batch = batch_;
}

void Ledger::take(const WorkOrderOffered& event) {
  const auto& offered = event.work_order();
  auto& known = work_orders_[offered.work_order_id()];
  require(offered.revision() > known.offered.revision(),
          "work order " + offered.work_order_id() + " is offered at revision " + std::to_string(offered.revision()) +
              " after " + std::to_string(known.offered.revision()));
  for (const auto& [id, other] : work_orders_)
    require(id == offered.work_order_id() || offered.kind() != WORK_ORDER_KIND_MAKE ||
                other.offered.kind() != WORK_ORDER_KIND_MAKE || other.offered.unit_ids(0) != offered.unit_ids(0),
            "unit " + offered.unit_ids(0) + " is made by two work orders");
  move(offered.work_order_id(), WORK_ORDER_STATE_OFFERED);
  known.offered = offered;
}
void Ledger::take(const WorkOrderAnswered& event) {
  move(event.answer().work_order_id(),
       event.answer().accepted() ? WORK_ORDER_STATE_ACCEPTED : WORK_ORDER_STATE_REJECTED);
}
void Ledger::take(const WorkOrderRecalled& event) { move(event.work_order_id(), WORK_ORDER_STATE_RECALLED); }
void Ledger::take(const WorkOrderCompleted& event) { move(event.work_order_id(), WORK_ORDER_STATE_COMPLETED); }

// Plants and orders have chains of their own: which of a step's events was first, nobody says.
void Ledger::check_work_orders() const {
  for (const auto& [id, work_order] : work_orders_)
    for (const auto& unit : work_order.offered.unit_ids())
      require(order(work_order.offered.order_id()).units.contains(unit),
              "work order " + id + " makes a unit that nobody minted");
  for (const auto& [id, work_order] : work_orders_)
    for (const auto& op : work_order.offered.operations()) {
      if (work_order.state != WORK_ORDER_STATE_COMPLETED) break;
      const auto& operations = order(work_order.offered.order_id()).operations;
      const auto state = operations.find(id + "/" + op.op_id());
      require(state != operations.end() && state->second == OPERATION_STATE_ENDED,
              "work order " + id + " is complete, and " + op.op_id() + " has not ended");
    }
}

void Ledger::take(const OperationProgressed& event) {
  auto& order = orders_[event.order_id()];
  const auto op = event.work_order_id() + "/" + event.op_id();
  const auto to = static_cast<OperationState>(event.state());
  auto& state = order.operations[op];
  // Nobody says that an operation may start.
  if (state == OperationState{} || state == OPERATION_STATE_ABORTED) {
    state = OPERATION_STATE_ALLOWED_TO_START;
    check_before(order, event);
    begin(order, event);
  }
  require(state == to || wire::may_follow(scheduling::operation_life, state, to),
          "operation " + op + " goes from " + wire::short_name(state) + " to " + wire::short_name(to));
  if (to == OPERATION_STATE_ENDED && event.characteristics_size() > 0)
    for (const auto& unit : event.unit_ids())
      order.measured.insert(unit + "/" + event.op_id() + "/" + std::to_string(event.attempt()));
  state = to;
}

void Ledger::begin(Order& order, const OperationProgressed& event) {
  const auto& work_order = work_orders_[event.work_order_id()];
  const bool may = work_order.state == WORK_ORDER_STATE_OFFERED || work_order.state == WORK_ORDER_STATE_ACCEPTED;
  require(may || work_order.batch == batch_, event.op_id() + " begins of work order " + event.work_order_id() +
                                                 ", which is " + wire::short_name(work_order.state));
  for (const auto& id : event.unit_ids()) {
    const auto unit = order.units.find(id);
    if (unit != order.units.end() && unit->second.state == scheduling::state::v1::UNIT_STATE_IN_PRODUCTION) continue;
    move(order, id, scheduling::state::v1::UNIT_STATE_IN_PRODUCTION);
  }
}

// What stands before it in its work order has ended, and was released where it was measured.
void Ledger::check_before(const Order& order, const OperationProgressed& event) const {
  const auto work_order = work_orders_.find(event.work_order_id());
  if (work_order == work_orders_.end()) return;
  const auto& operations = work_order->second.offered.operations();
  const auto op = std::find_if(operations.begin(), operations.end(),
                               [&](const auto& one) { return one.op_id() == event.op_id(); });
  if (op == operations.end()) return require(false, event.op_id() + " is no operation of its work order");
  for (const auto& before : op->predecessors()) {
    const auto state = order.operations.find(event.work_order_id() + "/" + before);
    require(state != order.operations.end() && state->second == OPERATION_STATE_ENDED,
            name(event.order_id()) + event.op_id() + " begins before " + before + " has ended");
    for (const auto& unit : event.unit_ids())
      for (const auto& [id, inspection] : order.inspections)
        require(inspection.unit != unit || inspection.op != before ||
                    inspection.state != quality::v1::INSPECTION_STATE_PENDING,
                name(event.order_id()) + event.op_id() + " begins while inspection " + id + " is pending");
  }
}

}  // namespace loomline::simulation
