// The survey of an order: asked some days after the last delivery, answered once or given up. Pure.
#pragma once

#include <chrono>

#include "loomline/aftersales/state/v1/state.pb.h"
#include "loomline/base/status.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::aftersales::domain {

using eventing::Step;
using eventing::Verdict;
using state::v1::OrderRecord;

inline constexpr std::string_view answer_survey_command = "aftersales.AnswerSurvey";
// Names of the timers.
inline constexpr const char *survey_timer = "survey", *survey_expiry_timer = "survey-expiry";

// Registers every event that the survey hears with its handler. A new one is a function and a line in survey.cpp.
void hear(std::chrono::days survey_after, eventing::Aggregate<OrderRecord>& orders);

Verdict on_survey_due(std::chrono::days survey_open, OrderRecord& order, const state::v1::SurveyDue& due, Step& step);
Verdict on_survey_expired(OrderRecord& order, const state::v1::SurveyExpiryDue& due, Step& step);

// ok where the survey waits for its answer.
Status may_be_answered(const OrderRecord& order);
Result<v1::AnswerSurveyResponse> answer_survey(OrderRecord& order, const state::v1::AnswerSurveyCommand& command,
                                               Step& step);

Status survey_not_asked();

}  // namespace loomline::aftersales::domain
