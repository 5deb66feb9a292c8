// What must hold of Loomline beyond what the ledger looks for: acknowledged commands, rest, journeys.
#include "journeys.hpp"
#include "life.hpp"
#include "loomline/wire/enum_name.hpp"

namespace loomline::simulation {
namespace {

bool ends_with(const std::string& method, std::string_view name) { return method.ends_with(name); }

}  // namespace

// What was acknowledged has its effect, whoever asked however often.
void Life::check_services() {
  for (const auto& call : calls())
    if (call.acknowledged) check_effect(call);
  for (const auto& [quote_id, order_id] : quoted_)
    if (!ledger_.order(order_id).quotes.contains(quote_id))
      broken("quote " + quote_id + " was answered, and was never issued");
}

void Life::check_effect(const Call& call) {
  using production::v1::ReportOperationsRequest;
  using production::v1::ReportOperationsResponse;
  if (ends_with(call.method, "ReportOperations")) {
    const auto& request = static_cast<const ReportOperationsRequest&>(*call.request);
    const auto& response = static_cast<const ReportOperationsResponse&>(*call.response);
    const auto applied = request.reports_size() - response.ignored_size();
    const auto times = said(call, "loomline.scheduling.v1.OperationProgressed");
    if (times != applied)
      broken(call.key + ": of " + std::to_string(applied) + " reports that were taken, " + std::to_string(times) +
             " were said");
  } else if (ends_with(call.method, "PublishModel")) {
    const auto& response = static_cast<const configuration::v1::PublishModelResponse&>(*call.response);
    if (said(call, "loomline.configuration.v1.ModelVersionPublished") != (response.created() ? 1 : 0))
      broken(call.key + ": a version was created and not said, or said and not created");
  } else if (ends_with(call.method, "PlaceOrder")) {
    const auto& request = static_cast<const intake::v1::PlaceOrderRequest&>(*call.request);
    if (ledger_.order(request.order_id()).state < intake::v1::ORDER_STATE_PLACED)
      broken(call.key + ": order " + request.order_id() + " was acknowledged and never placed");
  } else if (ends_with(call.method, "RecordMeasurements")) {
    const auto& request = static_cast<const quality::v1::RecordMeasurementsRequest&>(*call.request);
    const auto& known = ledger_.order(request.order_id()).inspections.at(request.inspection_id());
    if (known.state == quality::v1::INSPECTION_STATE_PENDING)
      broken(call.key + ": inspection " + request.inspection_id() + " was measured and is not decided");
  } else if (ends_with(call.method, "ReportShipment")) {
    const auto& request = static_cast<const production::v1::ReportShipmentRequest&>(*call.request);
    for (const auto& [id, order] : ledger_.orders())
      if (const auto shipment = order.shipments.find(request.shipment_id()); shipment != order.shipments.end())
        if (shipment->second.state < request.state())
          broken(call.key + ": shipment " + request.shipment_id() + " was reported and did not move");
  }
}

// Nothing waits, nothing was refused: whatever a service says, another may apply.
void Life::check_stores() {
  for (const auto& [name, service] : world().services()) {
    for (const auto& [id, row] : service->store->rows)
      for (const auto& waiting : row.waiting)
        broken(name + ": " + id.key + " waits for ever: " + waiting.offer.id + ", " + waiting.reason);
    for (const auto& [letter, dead] : service->store->dead_letters)
      if (!dead.key.kind.empty())
        broken(name + ": " + dead.key.key + " refused " + dead.offer.type + ": " + dead.reason);
  }
}

void Life::check_journeys() {
  for (const auto& [id, order] : ledger_.orders()) {
    const auto shown = reader("tracking").snapshot("main", "journey", id);
    if (!shown.ok() || *shown == nullptr) return broken("order " + id + " has no journey");
    if (const auto what = anomaly(**shown); !what.empty()) broken("order " + id + " shows an anomaly: " + what);
    if (const auto what = fold_anew(**shown, id, order.facts, dice()); !what.empty())
      broken("the journey of order " + id + " depends on the order of its facts: " + what);
  }
}

bool Life::over() const {
  for (const auto& [id, order] : ledger_.orders()) {
    if (order.state == intake::v1::ORDER_STATE_PLACED || order.cancellation_asked) return false;
    if (order.state == intake::v1::ORDER_STATE_FULFILLED && !order.survey_over) return false;
  }
  return true;
}

// Those who have not ordered yet make up their minds.
void Life::decide_wishes() {
  for (const auto& id : std::vector(orders_)) {
    const auto state = ledger_.order(id).state;
    if (state < intake::v1::ORDER_STATE_PLACED && dice().chance(80)) customer_of(id);
  }
}

void Life::play_out() {
  constexpr int kMostRounds = 300;
  if (!published_) publish();
  for (int round = 0; round < kMostRounds && !is_broken(); ++round) {
    if (round == 0)
      for (const auto* plant_id : {"plt_a", "plt_b"}) {
        for (const auto* machine : {"saw-1", "saw-2", "rig-1", "dock-1"}) equipment(plant_id, machine, true);
        supply(plant_id, 50);
      }
    if (round < 6) decide_wishes();
    if (!orders_.empty() && dice().chance(3)) cancel(std::string(dice().one_of(orders_)));
    for (const auto& [id, order] : ledger_.orders())
      if (order.survey_asked && !order.survey_over && id.back() % 2 == 0) answer_survey(id);  // others keep silent
    for (const auto* plant_id : {"plt_a", "plt_b"}) {
      floor(plant_id, true);
      inspect(plant_id, true);
      dispose(plant_id, true);
      carry(plant_id, true);
    }
    ask_until_answered();
    world().settle(100);
    check();
    if (round >= 6 && over()) return;
    const bool made = round % 20 == 19;
    world().business().advance(world().business().now() + std::chrono::hours(made ? 24 * 15 : 2));
  }
}

void Life::end() {
  ask_until_answered();
  play_out();
  bool at_rest = false;
  for (int tries = 0; tries < 10 && !at_rest && !is_broken(); ++tries) at_rest = world().settle(300);
  if (is_broken()) return;
  if (!at_rest) return broken("it does not come to rest");
  check();
  check_stores();
  ledger_.check_rest();
  check_journeys();
}

}  // namespace loomline::simulation
