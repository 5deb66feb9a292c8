// From a wish to a confirmed requirement: the first commands of the order aggregate. Pure.
#pragma once

#include "domain/order_facts.hpp"

namespace loomline::intake::domain {

// Commands that intake gives itself, once the vault took what is personal: not reachable from outside.
inline constexpr std::string_view capture_command = "intake.Capture", answer_command = "intake.Answer";

Result<v1::CaptureRequirementResponse> capture(OrderRecord& order, const state::v1::CaptureCommand& command,
                                               Step& step);
Result<v1::AskConfirmationResponse> ask(OrderRecord& order, const v1::AskConfirmationRequest& request, Step& step);
Result<v1::AnswerConfirmationResponse> answer(OrderRecord& order, const state::v1::AnswerCommand& command, Step& step);

// ok where every answer belongs to an open question.
Status may_be_answered(const OrderRecord& order, const state::v1::AnswerCommand& command);

}  // namespace loomline::intake::domain
