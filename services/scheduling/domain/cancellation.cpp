#include "domain/cancellation.hpp"

#include "domain/broken_orders.hpp"
#include "domain/plant.hpp"
#include "domain/shipping.hpp"
#include "domain/unit_facts.hpp"
#include "domain/unit_progress.hpp"

namespace loomline::scheduling::domain {
namespace {

constexpr std::uint32_t kFeeInProduction = 300;
constexpr std::uint32_t kFeeFinished = 800;
constexpr int kMostTakenBack = 100;

std::uint32_t fee(const Order& order) {
  std::uint32_t begun_units = 0, units = 0, completed = 0;
  for (const auto& line : order.lines()) {
    begun_units += line.tally().begun();
    units += line.tally().units();
    completed += line.tally().completed();
  }
  return begun_units == 0 ? 0 : completed == units ? kFeeFinished : kFeeInProduction;
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

bool take_back(PlantStep& step, const std::string& order_id) {
  int taken = 0;
  for (const auto& name : names_of_units(step, order_id)) {
    if (!counts(*step.units.find(name))) continue;
    if (++taken > kMostTakenBack) return true;
    auto piece = step.open(name);
    move(piece.unit, state::v1::UNIT_STATE_CANCELLED);
    recall(step, piece, "CANCELLED", step.now);
    step.count(name);
  }
  std::uint32_t left = 0;
  for (const auto& line : step.orders.find(order_id)->lines()) left += line.tally().running();
  if (left == 0) forget_order(step, order_id);
  return false;
}

Verdict on_cancellation_requested(PlantStep& step, const v1::DemandCancellationRequested& event) {
  const auto* known = step.orders.find(event.order_id());
  if (known != nullptr && known->cancelled()) return Verdict::ignored();
  const auto* shipment = known == nullptr ? nullptr : step.shipments.find(known->shipment_id());
  // An order that the plant no longer knows was delivered: its demand came before this on the same chain.
  if (known == nullptr || (shipment != nullptr && shipment->state() != production::v1::SHIPMENT_STATE_PLANNED)) {
    refuse(event, step.step);
    return Verdict::applied();
  }
  if (keep_for_parked(step, *known, event)) return Verdict::applied();
  step.catch_up();
  within(event.order_id(), [&] {
    auto& order = *step.orders.edit(event.order_id());
    grant(event, fee(order), step.step);
    for (const auto& line : order.lines()) step.step.cancel_timer("material/" + line.line_id());
    order.set_cancelled(true);
    step.shipments.erase(order.shipment_id());
    order.clear_shipment_id();
    step.take_back_at_end(order);
    (void)take_back(step, order.order_id());
  });
  step.settle(true);
  return Verdict::applied();
}

}  // namespace loomline::scheduling::domain
