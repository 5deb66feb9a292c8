#include "domain/order.hpp"

#include <algorithm>
#include <numeric>

#include "domain/check.hpp"
#include "domain/questions.hpp"
#include "domain/quote.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::intake::domain {
namespace {

using eventing::Verdict;

v1::PlaceOrderResponse placed_answer(const OrderRecord& order) {
  v1::PlaceOrderResponse response;
  response.set_order_id(order.order_id());
  response.set_state(order.state());
  for (const auto& line : order.last_answer().lines()) response.add_line_ids(line.line_id());
  return response;
}

Status may_be_placed(const OrderRecord& order, const std::string& quote_id, Time now) {
  const auto& answer = order.last_answer();
  if (is_placed(order.state()))
    return failed_precondition("ORDER_STATE", "The order is " + state_name(order.state()) +
                                                  "; it cannot be placed again. Capture a new requirement instead.");
  if (answer.quote_id().empty())
    return failed_precondition("NO_QUOTE", "The order has no quote in force; ask for a quote first.");
  if (answer.quote_id() != quote_id)
    return failed_precondition(
        "QUOTE_SUPERSEDED", "This is not the order's last quote; place " + answer.quote_id() + ", or ask for a quote.");
  if (order.state() != v1::ORDER_STATE_QUOTED || now >= wire::to_time(answer.valid_until()))
    return failed_precondition("QUOTE_EXPIRED", "The quote was valid until " +
                                                    format_rfc3339(wire::to_time(answer.valid_until())) +
                                                    "; ask for a quote again.");
  return {};
}

v1::OrderPlaced placed_event(const OrderRecord& order, const Step& step) {
  auto event = fact<v1::OrderPlaced>(order, step);
  const auto& answer = order.last_answer();
  event.set_quote_id(answer.quote_id());
  *event.mutable_lines() = answer.lines();
  *event.mutable_parties() = order.parties();
  *event.mutable_total_net() = answer.total_net();
  if (const auto* party = ship_to(order); party != nullptr) {
    event.set_country(party->country());
    event.set_zone(party->zone());
  }
  *event.mutable_external_refs() = order.external_refs();
  if (order.has_wanted_at()) *event.mutable_wanted_at() = order.wanted_at();
  return event;
}

std::int64_t pieces_ordered(const OrderRecord& order) {
  const auto& lines = order.last_answer().lines();
  return std::accumulate(lines.begin(), lines.end(), std::int64_t{0},
                         [](std::int64_t sum, const v1::OrderLine& line) { return sum + line.quantity(); });
}

// Half a minor unit is rounded up.
common::v1::Money fee_of(const common::v1::Money& total, std::uint32_t permille) {
  common::v1::Money fee;
  fee.set_currency(total.currency());
  fee.set_minor_units((total.minor_units() / 1000) * permille + ((total.minor_units() % 1000) * permille + 500) / 1000);
  return fee;
}

Status say_cancelled(OrderRecord& order, const std::string& reason, std::uint32_t fee_permille, Step& step) {
  auto event = fact<v1::OrderCancelled>(order, step);
  event.set_reason(reason);
  if (order.last_answer().has_total_net()) {
    *event.mutable_fee() = fee_of(order.last_answer().total_net(), fee_permille);
    *order.mutable_cancellation_fee() = event.fee();
  }
  order.set_cancellation_requested(false);
  order.set_cancellation_reason(reason);
  return say(order, event, step);
}

// An event that fits no open question of this order: foreign, or late; kept out of the aggregate.
Verdict unexpected(const Step& step) {
  return step.existed() ? Verdict::ignored() : Verdict::refused("intake never minted this order");
}

Verdict on_cancellation_granted(OrderRecord& order, const scheduling::v1::CancellationGranted& event, Step& step) {
  // Each plant of the order answers for itself. One that grants has taken its work out of the plan: nothing can fulfil
  // the order any more, though another plant, from which something was just leaving, refused before.
  if (order.state() != v1::ORDER_STATE_PLACED || order.cancellation_reason().empty()) return unexpected(step);
  const std::string reason = order.cancellation_reason();
  const auto permille = std::min(event.fee_permille(), 1000U);
  if (auto said = say_cancelled(order, reason, permille, step); !said.ok()) return Verdict::refused(said.message());
  reindex(order, step);
  return Verdict::applied();
}

Verdict on_cancellation_refused(OrderRecord& order, const scheduling::v1::CancellationRefused& event, Step& step) {
  if (!order.cancellation_requested()) return unexpected(step);
  order.set_cancellation_requested(false);
  auto declined = fact<v1::OrderCancellationDeclined>(order, step);
  declined.set_reason(event.reason());
  if (auto said = say(order, declined, step); !said.ok()) return Verdict::refused(said.message());
  return Verdict::applied();
}

Verdict on_dispatched(OrderRecord& order, const scheduling::v1::ShipmentDispatched&, Step& step) {
  if (order.state() != v1::ORDER_STATE_PLACED || order.shipped()) return unexpected(step);
  order.set_shipped(true);
  return Verdict::applied();
}

Verdict on_delivered(OrderRecord& order, const scheduling::v1::ShipmentDelivered& event, Step& step) {
  if (order.state() != v1::ORDER_STATE_PLACED) return unexpected(step);
  auto& shipments = *order.mutable_delivered_shipment_ids();
  if (std::find(shipments.begin(), shipments.end(), event.shipment_id()) != shipments.end()) return Verdict::ignored();
  *shipments.Add() = event.shipment_id();
  order.set_delivered_pieces(order.delivered_pieces() + event.unit_ids_size());
  if (order.delivered_pieces() < pieces_ordered(order)) return Verdict::applied();
  auto fulfilled = fact<v1::OrderFulfilled>(order, step);
  if (event.has_occurred_at()) *fulfilled.mutable_occurred_at() = event.occurred_at();
  // A cancellation that is still open stays so: scheduling refuses what has shipped, and the customer is told.
  if (auto said = say(order, fulfilled, step); !said.ok()) return Verdict::refused(said.message());
  reindex(order, step);
  return Verdict::applied();
}

}  // namespace

void hear(eventing::Aggregate<OrderRecord>& orders) {
  orders.on<scheduling::v1::CancellationGranted>(on_cancellation_granted);
  orders.on<scheduling::v1::CancellationRefused>(on_cancellation_refused);
  orders.on<scheduling::v1::ShipmentDispatched>(on_dispatched);
  orders.on<scheduling::v1::ShipmentDelivered>(on_delivered);
}

Result<v1::PlaceOrderResponse> place(OrderRecord& order, const v1::PlaceOrderRequest& request, Step& step) {
  if (!step.existed()) return order_unknown();
  // One order a quote: placing it again is told what the first time was told.
  const bool again =
      is_placed(order.state()) && order.has_placed_at() && order.last_answer().quote_id() == request.quote_id();
  if (again) return placed_answer(order);
  if (auto may = may_be_placed(order, request.quote_id(), step.now()); !may.ok()) return may;
  if (order.external_refs_size() + request.external_refs_size() > most_refs)
    return invalid("external_refs", "would be more than " + std::to_string(most_refs) + " with those of the wish",
                   "give fewer");
  order.mutable_external_refs()->MergeFrom(request.external_refs());
  *order.mutable_placed_at() = wire::to_timestamp(step.now());
  step.cancel_timer(quote_timer(request.quote_id()));
  if (auto said = say(order, placed_event(order, step), step); !said.ok()) return said;
  reindex(order, step);
  return placed_answer(order);
}

Result<v1::CancelOrderResponse> cancel(OrderRecord& order, const v1::CancelOrderRequest& request, Step& step) {
  if (!step.existed()) return order_unknown();
  v1::CancelOrderResponse response;
  Status said;
  if (order.state() == v1::ORDER_STATE_PLACED && order.shipped() && !order.cancellation_requested()) {
    // No plant is asked: one that has sent nothing yet would grant it, and half an order would be cancelled.
    auto declined = fact<v1::OrderCancellationDeclined>(order, step);
    declined.set_reason("ALREADY_SHIPPED");
    said = say(order, declined, step);
  } else if (order.state() == v1::ORDER_STATE_PLACED && !order.cancellation_requested()) {
    order.set_cancellation_requested(true);
    order.set_cancellation_reason(request.reason());
    auto event = fact<v1::OrderCancellationRequested>(order, step);
    event.set_reason(request.reason());
    said = say(order, event, step);
  } else if (order.state() == v1::ORDER_STATE_FULFILLED) {
    return failed_precondition("ORDER_STATE",
                               "The order is FULFILLED; it cannot be cancelled. Open a ticket to send it back.");
  } else if (!is_placed(order.state())) {
    if (order.state() == v1::ORDER_STATE_QUOTED) step.cancel_timer(quote_timer(order.last_answer().quote_id()));
    said = say_cancelled(order, request.reason(), 0, step);
  }  // asked before, or cancelled before: the same answer
  if (!said.ok()) return said;
  reindex(order, step);
  response.set_state(order.state());
  return response;
}

v1::Order view(const OrderRecord& order) {
  v1::Order out;
  out.set_order_id(order.order_id());
  out.set_state(order.state());
  out.set_channel(order.channel());
  *out.mutable_parties() = order.parties();
  *out.mutable_wishes() = order.wishes();
  if (!is_placed(order.state())) {
    const auto open = open_questions(order);
    out.mutable_open_questions()->Assign(open.begin(), open.end());
  }
  if (order.state() == v1::ORDER_STATE_QUOTED || order.has_placed_at()) {
    const auto& answer = order.last_answer();
    out.set_quote_id(answer.quote_id());
    *out.mutable_valid_until() = answer.valid_until();
    *out.mutable_lines() = answer.lines();
    *out.mutable_total_net() = answer.total_net();
  }
  if (order.has_budget()) *out.mutable_budget() = order.budget();
  if (order.has_wanted_at()) *out.mutable_wanted_at() = order.wanted_at();
  *out.mutable_captured_at() = order.captured_at();
  if (order.has_placed_at()) *out.mutable_placed_at() = order.placed_at();
  out.set_cancellation_requested(order.cancellation_requested());
  if (order.has_cancellation_fee()) *out.mutable_cancellation_fee() = order.cancellation_fee();
  *out.mutable_external_refs() = order.external_refs();
  return out;
}

}  // namespace loomline::intake::domain
