#include "domain/requirement.hpp"

#include <algorithm>

#include "domain/questions.hpp"
#include "domain/quote.hpp"
#include "loomline/base/id.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::intake::domain {
namespace {

void set_wishes(OrderRecord& order, const google::protobuf::RepeatedPtrField<v1::Wish>& wishes) {
  *order.mutable_wishes() = wishes;
  if (quantity_is_asked(order.channel())) return;
  for (auto& wish : *order.mutable_wishes())
    if (wish.quantity() == 0) wish.set_quantity(1);
}

void set_party(OrderRecord& order, const common::v1::Party& party) {
  for (auto& known : *order.mutable_parties())
    if (known.role() == party.role()) {
      known = party;
      return;
    }
  *order.add_parties() = party;
}

Status ask_round(OrderRecord& order, const std::vector<v1::Question>& open, Step& step) {
  order.set_round(order.round() + 1);
  auto asked = fact<v1::ConfirmationAsked>(order, step);
  asked.set_round(order.round());
  asked.mutable_questions()->Assign(open.begin(), open.end());
  return say(order, asked, step);
}

Status confirm(OrderRecord& order, Step& step) {
  auto confirmed = fact<v1::RequirementConfirmed>(order, step);
  *confirmed.mutable_wishes() = order.wishes();
  return say(order, confirmed, step);
}

Status not_changeable(const OrderRecord& order) {
  return failed_precondition("ORDER_STATE", "The order is " + state_name(order.state()) +
                                                "; its wish is settled. Capture a new requirement instead.");
}

v1::RequirementCaptured captured_event(const OrderRecord& order, const Step& step) {
  auto event = fact<v1::RequirementCaptured>(order, step);
  event.set_requirement_id(order.requirement_id());
  event.set_channel(order.channel());
  *event.mutable_parties() = order.parties();
  *event.mutable_wishes() = order.wishes();
  event.set_text_subject_id(order.text_subject_id());
  if (order.has_budget()) *event.mutable_budget() = order.budget();
  if (order.has_wanted_at()) *event.mutable_wanted_at() = order.wanted_at();
  *event.mutable_external_refs() = order.external_refs();
  return event;
}

}  // namespace

Result<v1::CaptureRequirementResponse> capture(OrderRecord& order, const state::v1::CaptureCommand& command,
                                               Step& step) {
  if (step.existed()) return Status(Code::already_exists, "ORDER_EXISTS", "There is an order with this id.");
  order.set_order_id(step.key());
  order.set_requirement_id(step.mint(prefix::requirement));
  order.set_channel(command.channel());
  *order.mutable_parties() = command.parties();
  set_wishes(order, command.wishes());
  order.set_text_subject_id(command.text_subject_id());
  if (command.has_budget()) *order.mutable_budget() = command.budget();
  if (command.has_wanted_at()) *order.mutable_wanted_at() = command.wanted_at();
  *order.mutable_external_refs() = command.external_refs();
  *order.mutable_captured_at() = wire::to_timestamp(step.now());
  order.set_requirement_revision(1);
  if (auto said = say(order, captured_event(order, step), step); !said.ok()) return said;
  const auto open = open_questions(order);
  if (auto said = open.empty() ? confirm(order, step) : ask_round(order, open, step); !said.ok()) return said;
  reindex(order, step);

  v1::CaptureRequirementResponse response;
  response.set_order_id(order.order_id());
  response.set_requirement_id(order.requirement_id());
  response.mutable_open_questions()->Assign(open.begin(), open.end());
  return response;
}

Result<v1::AskConfirmationResponse> ask(OrderRecord& order, const v1::AskConfirmationRequest& request, Step& step) {
  if (!step.existed()) return order_unknown();
  if (is_placed(order.state())) return not_changeable(order);
  for (int i = 0; i < request.questions_size(); ++i) {
    v1::Question question = request.questions(i);
    const auto& known = order.open_questions();
    const auto same = [&](const v1::Question& other) { return other.question_id() == question.question_id(); };
    order.set_questions_asked(order.questions_asked() + 1);
    if (question.question_id().empty())
      question.set_question_id("q" + std::to_string(order.questions_asked()));
    else if (std::any_of(known.begin(), known.end(), same))
      return invalid(wire::path("questions", i, "question_id"), "is the id of an open question",
                     "leave it empty, or give another");
    question.set_automatic(false);
    *order.add_open_questions() = question;
  }
  if (auto withdrawn = withdraw_quote(order, step); !withdrawn.ok()) return withdrawn;
  const auto open = open_questions(order);
  if (open.empty())
    return failed_precondition("NOTHING_TO_ASK", "Nothing is missing and no question was given; add a question.");
  if (open.size() > 40)
    return failed_precondition("TOO_MANY_QUESTIONS", "More than 40 questions are open; let some be answered first.");
  if (auto said = ask_round(order, open, step); !said.ok()) return said;
  reindex(order, step);

  v1::AskConfirmationResponse response;
  response.set_round(order.round());
  response.mutable_open_questions()->Assign(open.begin(), open.end());
  return response;
}

Status may_be_answered(const OrderRecord& order, const state::v1::AnswerCommand& command) {
  if (is_placed(order.state())) return not_changeable(order);
  const auto open = open_questions(order);
  wire::Checker check;
  for (int i = 0; i < command.answers_size(); ++i) {
    const auto& id = command.answers(i).question_id();
    const bool known = std::any_of(open.begin(), open.end(),
                                   [&](const v1::Question& question) { return question.question_id() == id; });
    // Loomline's own questions may be answered though they are closed: the wish given with them is what counts.
    check.require(known || is_automatic(id), wire::path("answers", i, "question_id"), "is no open question",
                  "answer one of the order's open questions");
  }
  return check.status();
}

Result<v1::AnswerConfirmationResponse> answer(OrderRecord& order, const state::v1::AnswerCommand& command, Step& step) {
  if (!step.existed()) return order_unknown();
  if (auto may = may_be_answered(order, command); !may.ok()) return may;
  if (auto withdrawn = withdraw_quote(order, step); !withdrawn.ok()) return withdrawn;
  if (!command.wishes().empty() || !command.parties().empty()) {
    order.set_requirement_revision(order.requirement_revision() + 1);
    order.clear_last_answer();
    order.clear_last_answer_request();
  }
  if (!command.wishes().empty()) set_wishes(order, command.wishes());
  for (const auto& party : command.parties()) set_party(order, party);

  auto answered = fact<v1::ConfirmationAnswered>(order, step);
  answered.set_round(order.round());
  auto& asked = *order.mutable_open_questions();
  for (const auto& given : command.answers()) {
    *order.add_answers() = given;
    answered.add_question_ids(given.question_id());
    asked.erase(std::remove_if(asked.begin(), asked.end(),
                               [&](const v1::Question& q) { return q.question_id() == given.question_id(); }),
                asked.end());
  }
  const auto open = open_questions(order);
  for (const auto& question : open) answered.add_open_question_ids(question.question_id());
  if (auto said = say(order, answered, step); !said.ok()) return said;
  if (open.empty())
    if (auto said = confirm(order, step); !said.ok()) return said;
  reindex(order, step);

  v1::AnswerConfirmationResponse response;
  response.mutable_open_questions()->Assign(open.begin(), open.end());
  return response;
}

}  // namespace loomline::intake::domain
