#include "domain/quote.hpp"

#include "domain/questions.hpp"
#include "loomline/base/id.hpp"

namespace loomline::intake::domain {
namespace {

v1::QuoteIssued issued_event(const OrderRecord& order, const Step& step) {
  auto event = fact<v1::QuoteIssued>(order, step);
  const auto& answer = order.last_answer();
  event.set_quote_id(answer.quote_id());
  *event.mutable_lines() = answer.lines();
  *event.mutable_total_net() = answer.total_net();
  *event.mutable_valid_until() = answer.valid_until();
  return event;
}

v1::QuoteRefused refused_event(const OrderRecord& order, std::uint32_t wish, const Step& step) {
  auto event = fact<v1::QuoteRefused>(order, step);
  const auto& answer = order.last_answer();
  event.set_answer(answer.answer());
  event.set_wish(wish);
  if (answer.has_conflict()) *event.mutable_conflict() = answer.conflict();
  *event.mutable_repairs() = answer.repairs();
  *event.mutable_unknown_features() = answer.unknown_features();
  return event;
}

void set_flags(const OrderRecord& order, v1::QuoteResponse& answer) {
  const bool same_currency = order.budget().currency() == answer.total_net().currency();
  answer.set_budget_not_compared(order.has_budget() && !same_currency);
  answer.set_over_budget(order.has_budget() && same_currency &&
                         answer.total_net().minor_units() > order.budget().minor_units());
  bool late = false;
  for (const auto& line : answer.lines())
    late = late || (order.has_wanted_at() &&
                    wire::to_time(line.promise().window().latest()) > wire::to_time(order.wanted_at()));
  answer.set_later_than_wanted(late);
}

}  // namespace

std::string quote_timer(const std::string& quote_id) { return std::string(quote_expiry_timer) + "/" + quote_id; }

Status may_be_quoted(const OrderRecord& order) {
  if (is_placed(order.state()))
    return failed_precondition("ORDER_STATE", "The order is " + state_name(order.state()) +
                                                  "; it cannot be quoted again. Capture a new requirement instead.");
  const auto open = open_questions(order);
  if (open.empty()) return {};
  auto status = failed_precondition("QUESTIONS_OPEN", "Questions are open; answer them before asking for a quote.");
  for (const auto& question : open) status.with({question.question_id(), "is not answered", question.text().en()});
  return status;
}

Result<v1::QuoteResponse> record_quote(OrderRecord& order, const state::v1::RecordQuoteCommand& command, Step& step) {
  if (!step.existed()) return order_unknown();
  if (auto may = may_be_quoted(order); !may.ok()) return may;
  if (command.requirement_revision() != order.requirement_revision())
    return Status(Code::aborted, "WISH_CHANGED", "The wish was changed while it was being quoted; ask again.");
  if (order.state() == v1::ORDER_STATE_QUOTED) step.cancel_timer(quote_timer(order.last_answer().quote_id()));
  auto& answer = *order.mutable_last_answer();
  answer = command.answer();
  answer.set_order_id(order.order_id());
  order.set_last_answer_request(command.request());

  Status said;
  if (answer.answer() == configuration::v1::ANSWER_BUILDABLE) {
    const Time valid_until = step.now() + quote_validity;
    answer.set_quote_id(step.mint(prefix::quote));
    *answer.mutable_valid_until() = wire::to_timestamp(valid_until);
    set_flags(order, answer);
    state::v1::QuoteDue due;
    due.set_quote_id(answer.quote_id());
    step.timer(quote_timer(answer.quote_id()), valid_until, due);
    said = say(order, issued_event(order, step), step);
  } else {
    said = say(order, refused_event(order, command.refused_wish(), step), step);
  }
  if (!said.ok()) return said;
  reindex(order, step);
  return answer;
}

Status withdraw_quote(OrderRecord& order, Step& step) {
  if (order.state() != v1::ORDER_STATE_QUOTED) return {};
  auto expired = fact<v1::QuoteExpired>(order, step);
  expired.set_quote_id(order.last_answer().quote_id());
  step.cancel_timer(quote_timer(order.last_answer().quote_id()));
  order.clear_last_answer();
  order.clear_last_answer_request();
  return say(order, expired, step);
}

Verdict on_quote_due(OrderRecord& order, const state::v1::QuoteDue& due, Step& step) {
  if (order.state() != v1::ORDER_STATE_QUOTED || order.last_answer().quote_id() != due.quote_id())
    return Verdict::ignored();
  auto expired = fact<v1::QuoteExpired>(order, step);
  expired.set_quote_id(due.quote_id());
  // The answer stays, so that whoever places it is told that it has expired rather than that it is unknown.
  if (auto said = say(order, expired, step); !said.ok()) return Verdict::refused(said.message());
  reindex(order, step);
  return Verdict::applied();
}

}  // namespace loomline::intake::domain
