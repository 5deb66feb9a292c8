// The one answer to a wish, as the order keeps it, until it is placed or runs out. Pure.
#pragma once

#include "domain/order_facts.hpp"

namespace loomline::intake::domain {

using eventing::Verdict;

// The command by which intake records what the peers said: not reachable from outside.
inline constexpr std::string_view record_quote_command = "intake.RecordQuote";

// How long a quote is valid.
inline constexpr std::chrono::days quote_validity{14};

// The timer of a quote is "quote-expiry/quo_...".
inline constexpr std::string_view quote_expiry_timer = "quote-expiry";
std::string quote_timer(const std::string& quote_id);

// ok where the order may be quoted now; the open questions as violations otherwise.
Status may_be_quoted(const OrderRecord& order);
Result<v1::QuoteResponse> record_quote(OrderRecord& order, const state::v1::RecordQuoteCommand& command, Step& step);
Verdict on_quote_due(OrderRecord& order, const state::v1::QuoteDue& due, Step& step);

// Takes back a quote in force, because the wish changes or questions are asked; nothing where there is none.
Status withdraw_quote(OrderRecord& order, Step& step);

}  // namespace loomline::intake::domain
