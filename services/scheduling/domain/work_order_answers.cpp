// What the shop floor says to work orders that it was offered.
#include "domain/broken_orders.hpp"
#include "domain/offering.hpp"
#include "domain/plant.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

using namespace production::v1;  // NOLINT: the floor's own messages, in every line of this file

// As it is now; nullptr where the plant has no such work order on offer.
const state::v1::WorkOrder* find(const PlantStep& step, const std::string& id) {
  const auto* name = step.board.index.unit_by_work_order.find(id);
  const auto* unit = name == nullptr ? nullptr : step.units.find(*name);
  if (unit == nullptr) return nullptr;
  for (const auto& work_order : unit->work_orders())
    if (work_order.work_order_id() == id) return &work_order;
  return nullptr;
}

state::v1::WorkOrder& edit(PlantStep& step, const std::string& id) {
  for (auto& work_order : *step.units.edit(*step.board.index.unit_by_work_order.find(id))->mutable_work_orders())
    if (work_order.work_order_id() == id) return work_order;
  throw std::logic_error("work order " + id + " was there a moment ago");
}

bool parked(const PlantStep& step, const std::string& id) {
  const auto* order = step.orders.find(std::string(order_of(*step.board.index.unit_by_work_order.find(id))));
  return order == nullptr || !order->parked().empty();
}

void take(PlantStep& step, const WorkOrderAnswer& answer) {
  auto& work_order = edit(step, answer.work_order_id());
  move(work_order, answer.accepted() ? WORK_ORDER_STATE_ACCEPTED : WORK_ORDER_STATE_REJECTED);
  work_order.set_reason(answer.reason());
  if (answer.has_job()) *work_order.mutable_job() = answer.job();
  WorkOrderAnswered event;
  event.set_plant_id(step.step.key());
  *event.mutable_answer() = answer;
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
  if (answer.accepted()) return;
  state::v1::ReofferDue due;
  due.set_work_order_id(answer.work_order_id());
  step.step.timer("reoffer/" + answer.work_order_id(), step.now + std::chrono::hours(24), due);
}

}  // namespace

Result<AnswerWorkOrdersResponse> answer_work_orders(PlantStep& step, const AnswerWorkOrdersRequest& request) {
  if (!step.published) return plant_unknown(request.plant_id());
  AnswerWorkOrdersResponse response;
  for (const auto& answer : request.answers()) {
    const auto* known = find(step, answer.work_order_id());
    const auto to = answer.accepted() ? WORK_ORDER_STATE_ACCEPTED : WORK_ORDER_STATE_REJECTED;
    if (known != nullptr && known->revision() == answer.revision() && known->state() == to) continue;
    if (known == nullptr || known->revision() != answer.revision() || known->state() != WORK_ORDER_STATE_OFFERED ||
        parked(step, answer.work_order_id())) {
      response.add_outdated_work_order_ids(answer.work_order_id());
      continue;
    }
    take(step, answer);
  }
  return response;
}

Verdict on_reoffer_due(PlantStep& step, const state::v1::ReofferDue& due) {
  const auto* known = find(step, due.work_order_id());
  if (known == nullptr || known->state() != WORK_ORDER_STATE_REJECTED) return Verdict::ignored();
  const auto name = *step.board.index.unit_by_work_order.find(due.work_order_id());
  const auto order_id = std::string(order_of(name));
  if (const auto* order = step.orders.find(order_id); order != nullptr && keep_for_parked(step, *order, due))
    return Verdict::applied();
  within(order_id, [&] {
    const auto piece = step.open(name);
    auto& work_order = edit(step, due.work_order_id());
    move(work_order, WORK_ORDER_STATE_OFFERED);
    work_order.set_revision(work_order.revision() + 1);
    offer_work_order(step, piece, work_order, step.now);
  });
  return Verdict::applied();
}

}  // namespace loomline::scheduling::domain
