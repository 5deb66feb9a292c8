// Cancellation: granted while nothing has been shipped, with a fee by how far production has come.
#include "domain/plant.hpp"
#include "domain/work.hpp"

namespace loomline::scheduling::domain {
namespace {

constexpr std::uint32_t kFeeInProduction = 300;
constexpr std::uint32_t kFeeFinished = 800;

std::uint32_t fee(const Order& order) {
  bool any_begun = false, all_complete = true;
  for (const auto& line : order.lines())
    for (const auto& unit : line.units()) {
      if (!counts(unit)) continue;
      for (const auto& work_order : unit.work_orders())
        for (const auto& op : work_order.operations()) any_begun = any_begun || begun(op);
      all_complete = all_complete && unit.state() == state::v1::UNIT_STATE_COMPLETED;
    }
  return !any_begun ? 0 : all_complete ? kFeeFinished : kFeeInProduction;
}

void refuse(const v1::DemandCancellationRequested& event, Step& step) {
  v1::CancellationRefused refused;
  refused.set_order_id(event.order_id());
  refused.set_reason("ALREADY_SHIPPED");
  *refused.mutable_occurred_at() = to_timestamp(step.now());
  step.publish(refused);
}

void grant(const v1::DemandCancellationRequested& event, std::uint32_t permille, Step& step) {
  v1::CancellationGranted granted;
  granted.set_order_id(event.order_id());
  granted.set_fee_permille(permille);
  *granted.mutable_occurred_at() = to_timestamp(step.now());
  step.publish(granted);
}

}  // namespace

Verdict on_cancellation_requested(PlantState& state, const v1::DemandCancellationRequested& event, Step& step) {
  auto* order = find_order(state, event.order_id());
  if (order != nullptr && order->cancelled()) return Verdict::ignored();
  // An order that the plant no longer knows was delivered: its demand came before this on the same chain.
  if (order == nullptr ||
      (order->has_shipment() && order->shipment().state() != production::v1::SHIPMENT_STATE_PLANNED)) {
    refuse(event, step);
    return Verdict::applied();
  }
  Work work(state, step);
  grant(event, fee(*order), step);
  for (auto& line : *order->mutable_lines()) {
    step.cancel_timer("material/" + line.line_id());
    for (auto& unit : *line.mutable_units()) {
      if (!counts(unit)) continue;
      move(unit, state::v1::UNIT_STATE_CANCELLED);
      recall(work, unit, "CANCELLED", step.now());
    }
  }
  order->set_cancelled(true);
  order->clear_shipment();
  work.settle(true);
  return Verdict::applied();
}

}  // namespace loomline::scheduling::domain
