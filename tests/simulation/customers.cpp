// What customers ask for, and what becomes of it as they see it.
#include "life.hpp"
#include "loomline/aftersales/state/v1/state.pb.h"
#include "loomline/intake/state/v1/state.pb.h"
#include "products.hpp"

namespace loomline::simulation {

using namespace intake::v1;  // NOLINT: what is asked

namespace {

constexpr int kMostOrders = 4;

common::v1::Party ship_to() {
  common::v1::Party party;
  party.set_role(common::v1::PARTY_ROLE_SHIP_TO);
  party.set_subject_id("sub_anna");
  party.set_subject_version(1);
  party.set_country("DE");
  party.set_zone("Europe/Berlin");
  return party;
}

}  // namespace

void Life::customer() {
  if (captures_ < kMostOrders && (orders_.empty() || dice().chance(30))) return capture();
  if (orders_.empty()) return;
  customer_of(std::string(dice().one_of(orders_)));  // more may be captured meanwhile
}

void Life::customer_of(const std::string& order_id) {
  const auto& order = ledger_.order(order_id);
  const auto luck = static_cast<int>(dice().below(100));
  switch (order.state) {
    case ORDER_STATE_CAPTURED:
      return luck < 92 ? answer(order_id) : cancel(order_id);
    case ORDER_STATE_CONFIRMED:
      return luck < 88 ? quote(order_id) : luck < 94 ? question(order_id) : cancel(order_id);
    case ORDER_STATE_REFUSED:
      return luck < 80 ? answer(order_id) : luck < 95 ? quote(order_id) : cancel(order_id);
    case ORDER_STATE_QUOTED:
      if (luck < 80) return place(order_id, luck < 75 ? order.quote : dice().one_of(order.quotes));
      return luck < 86 ? answer(order_id) : luck < 90 ? question(order_id)
                                        : luck < 97   ? quote(order_id)
                                                      : cancel(order_id);
    default:
      return after_placing(order_id, order);
  }
}

void Life::after_placing(const std::string& order_id, const Order& order) {
  const auto luck = dice().below(1000);
  if (luck < 18) return cancel(order_id);
  if (luck < 30) return open_ticket(order_id);
  if (luck < 60 && !order.quote.empty()) return place(order_id, order.quote);
  if (luck < 80) return quote(order_id);
  if (luck < 140) return update_ticket();
  if (luck < 500 && order.survey_asked && !order.survey_over) return answer_survey(order_id);
}

void Life::capture() {
  intake::state::v1::CaptureCommand command;
  ++captures_;
  command.set_channel(dice().chance(25) ? CHANNEL_EMAIL : CHANNEL_WEB);
  if (dice().chance(85)) *command.add_parties() = ship_to();
  const auto fit = dice().chance(80) ? Fit::buildable : static_cast<Fit>(1 + dice().below(3));
  const auto model = dice().below(kModels.size());
  *command.add_wishes() = wish(kModels[model], fit, static_cast<std::int64_t>(dice().below(4)));
  if (dice().chance(40)) *command.add_wishes() = wish(kModels[1 - model], Fit::buildable, 1);
  call<CaptureRequirementResponse>("intake", "intake.Capture", command, "loomline.intake.v1.RequirementCaptured");
}

// What was missing, and a wish that can be built, mostly.
void Life::answer(const std::string& order_id) {
  intake::state::v1::OrderRecord record;
  if (!reader("intake").get("main", "order", order_id, record).ok()) return;
  intake::state::v1::AnswerCommand command;
  command.set_order_id(order_id);
  *command.add_parties() = ship_to();
  for (auto known : record.wishes()) {
    const auto quantity = std::max<std::int64_t>(known.quantity(), 1);
    *command.add_wishes() = wish(known.model_id() == "mdl_none" ? kModels.front() : known.model_id(),
                                 dice().chance(85) ? Fit::buildable : Fit::conflicting, quantity);
  }
  for (const auto& question : record.open_questions()) command.add_answers()->set_question_id(question.question_id());
  call<AnswerConfirmationResponse>("intake", "intake.Answer", command, "loomline.intake.v1.ConfirmationAnswered");
}

void Life::question(const std::string& order_id) {
  AskConfirmationRequest request;
  request.set_order_id(order_id);
  request.add_questions()->mutable_text()->set_en("Which colour?");
  call<AskConfirmationResponse>("intake", request, "loomline.intake.v1.ConfirmationAsked");
}

// One who was not answered asks again under the same key, mostly.
void Life::quote(const std::string& order_id) {
  for (const char* service : {"intake", "configuration", "scheduling"})
    if (world().at(service).store->down) return;
  auto& key = quoting_[order_id];
  if (key.empty() || dice().chance(20)) key = "quote-" + std::to_string(++quotes_);
  QuoteRequest request;
  request.set_order_id(order_id);
  const auto used = key;
  const auto said = simulation::quote(reader("intake"), waiting_, {&reader("configuration"), &reader("scheduling")},
                                      used, request);
  tell("quote of " + order_id + " by " + used + ": " + (said.ok() ? said->quote_id() : said.status().to_string()));
  if (!said.ok() && !is_refusal(said.status())) return;
  if (dice().chance(80)) quoting_[order_id].clear();
  if (said.ok() && !said->quote_id().empty()) quoted_[said->quote_id()] = order_id;
}

void Life::place(const std::string& order_id, const std::string& quote_id) {
  PlaceOrderRequest request;
  request.set_order_id(order_id);
  request.set_quote_id(quote_id);
  call<PlaceOrderResponse>("intake", request);
}

void Life::cancel(const std::string& order_id) {
  CancelOrderRequest request;
  request.set_order_id(order_id);
  request.set_reason("CUSTOMER_CHANGED_MIND");
  call<CancelOrderResponse>("intake", request);
}

void Life::answer_survey(const std::string& order_id) {
  aftersales::state::v1::AnswerSurveyCommand command;
  command.set_order_id(order_id);
  command.set_recommend(9);
  call<aftersales::v1::AnswerSurveyResponse>("aftersales", "aftersales.AnswerSurvey", command,
                                             "loomline.aftersales.v1.SurveyAnswered");
}

void Life::open_ticket(const std::string& order_id) {
  aftersales::state::v1::OpenTicketCommand command;
  if (dice().chance(80)) command.set_order_id(order_id);
  command.set_category(aftersales::v1::TICKET_CATEGORY_QUESTION);
  command.set_impact(static_cast<aftersales::v1::Impact>(1 + dice().below(3)));
  command.set_urgency(static_cast<aftersales::v1::Urgency>(1 + dice().below(3)));
  call<aftersales::v1::OpenTicketResponse>("aftersales", "aftersales.OpenTicket", command,
                                           "loomline.aftersales.v1.TicketOpened");
}

void Life::update_ticket() {
  if (ledger_.tickets().empty()) return;
  aftersales::state::v1::UpdateTicketCommand command;
  command.set_ticket_id(dice().one_of(ledger_.tickets()).first);
  command.set_state(static_cast<aftersales::v1::TicketState>(1 + dice().below(5)));
  call<aftersales::v1::UpdateTicketResponse>("aftersales", "aftersales.UpdateTicket", command, "");
}

}  // namespace loomline::simulation
