#include "domain/survey.hpp"

#include <algorithm>

#include "loomline/base/id.hpp"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline::aftersales::domain {
namespace {

Verdict on_delivered(std::chrono::days survey_after, OrderRecord& order, const scheduling::v1::ShipmentDelivered& event,
                     Step& step) {
  // An order may come in several shipments: the last one counts, as long as nobody was asked.
  if (order.has_survey()) return Verdict::ignored();
  order.set_order_id(step.key());
  const Time delivered = event.has_occurred_at() ? wire::to_time(event.occurred_at()) : step.now();
  if (order.has_delivered_at() && delivered < wire::to_time(order.delivered_at())) return Verdict::ignored();
  *order.mutable_delivered_at() = wire::to_timestamp(delivered);
  step.timer(survey_timer, std::max(delivered + survey_after, step.now()), state::v1::SurveyDue());
  return Verdict::applied();
}

}  // namespace

void hear(std::chrono::days survey_after, eventing::Aggregate<OrderRecord>& orders) {
  orders.on<scheduling::v1::ShipmentDelivered>([survey_after](auto& order, const auto& event, Step& step) {
    return on_delivered(survey_after, order, event, step);
  });
}

Status survey_not_asked() {
  return not_found("SURVEY_NOT_ASKED", "No survey was asked for this order yet; it follows some days after delivery.");
}

Verdict on_survey_due(std::chrono::days survey_open, OrderRecord& order, const state::v1::SurveyDue&, Step& step) {
  if (order.has_survey()) return Verdict::ignored();
  auto& survey = *order.mutable_survey();
  survey.set_survey_id(step.mint(prefix::survey));
  survey.set_order_id(step.key());
  *survey.mutable_requested_at() = wire::to_timestamp(step.now());
  v1::SurveyRequested event;
  event.set_order_id(step.key());
  event.set_survey_id(survey.survey_id());
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  step.publish(event);
  state::v1::SurveyExpiryDue expiry;
  expiry.set_survey_id(survey.survey_id());
  step.timer(survey_expiry_timer, step.now() + survey_open, expiry);
  return Verdict::applied();
}

Verdict on_survey_expired(OrderRecord& order, const state::v1::SurveyExpiryDue& due, Step& step) {
  if (order.survey().survey_id() != due.survey_id() || order.survey().has_answered_at() || order.survey().expired())
    return Verdict::ignored();
  order.mutable_survey()->set_expired(true);
  v1::SurveyExpired event;
  event.set_order_id(step.key());
  event.set_survey_id(due.survey_id());
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  step.publish(event);
  return Verdict::applied();
}

Status may_be_answered(const OrderRecord& order) {
  if (!order.has_survey()) return survey_not_asked();
  if (order.survey().has_answered_at())
    return failed_precondition("SURVEY_ANSWERED", "The survey was answered before; an answer is not changed.");
  if (order.survey().expired())
    return failed_precondition("SURVEY_EXPIRED", "The survey has ended; open a ticket to tell what you think.");
  return {};
}

Result<v1::AnswerSurveyResponse> answer_survey(OrderRecord& order, const state::v1::AnswerSurveyCommand& command,
                                               Step& step) {
  if (auto may = may_be_answered(order); !may.ok()) return may;
  auto& survey = *order.mutable_survey();
  *survey.mutable_answered_at() = wire::to_timestamp(step.now());
  if (command.has_recommend()) survey.set_recommend(command.recommend());
  if (command.has_product()) survey.set_product(command.product());
  if (command.has_delivery()) survey.set_delivery(command.delivery());
  if (command.has_information()) survey.set_information(command.information());
  survey.set_remark_subject_id(command.remark_subject_id());
  step.cancel_timer(survey_expiry_timer);
  v1::SurveyAnswered event;
  event.set_order_id(step.key());
  *event.mutable_survey() = survey;
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  step.publish(event);
  v1::AnswerSurveyResponse response;
  *response.mutable_survey() = survey;
  return response;
}

}  // namespace loomline::aftersales::domain
