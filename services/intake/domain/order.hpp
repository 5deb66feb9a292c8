// The order aggregate: its commands, the events that it hears, its timer. Pure.
#pragma once

#include "domain/life.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::intake::domain {

using eventing::Step;
using eventing::Verdict;

// Commands that intake gives itself, once the vault took what is personal: not reachable from outside.
inline constexpr std::string_view capture_command = "intake.Capture", answer_command = "intake.Answer",
                                  record_quote_command = "intake.RecordQuote";

// How long a quote is valid.
inline constexpr std::chrono::days quote_validity{14};

Result<v1::CaptureRequirementResponse> capture(OrderRecord& order, const state::v1::CaptureCommand& command,
                                               Step& step);
Result<v1::AskConfirmationResponse> ask(OrderRecord& order, const v1::AskConfirmationRequest& request, Step& step);
Result<v1::AnswerConfirmationResponse> answer(OrderRecord& order, const state::v1::AnswerCommand& command, Step& step);

// ok where the order may be quoted now; the open questions as violations otherwise.
Status may_be_quoted(const OrderRecord& order);
// ok where every answer belongs to an open question.
Status may_be_answered(const OrderRecord& order, const state::v1::AnswerCommand& command);
Result<v1::QuoteResponse> record_quote(OrderRecord& order, const state::v1::RecordQuoteCommand& command, Step& step);
Verdict on_quote_due(OrderRecord& order, const state::v1::QuoteDue& due, Step& step);

Result<v1::PlaceOrderResponse> place(OrderRecord& order, const v1::PlaceOrderRequest& request, Step& step);
Result<v1::CancelOrderResponse> cancel(OrderRecord& order, const v1::CancelOrderRequest& request, Step& step);

Verdict on_cancellation_granted(OrderRecord& order, const scheduling::v1::CancellationGranted& event, Step& step);
Verdict on_cancellation_refused(OrderRecord& order, const scheduling::v1::CancellationRefused& event, Step& step);
Verdict on_delivered(OrderRecord& order, const scheduling::v1::ShipmentDelivered& event, Step& step);

// The order as the contract shows it.
v1::Order view(const OrderRecord& order);

// not_found ORDER_UNKNOWN.
Status order_unknown();

}  // namespace loomline::intake::domain
