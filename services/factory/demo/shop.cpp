#include "shop.hpp"

#include <loomline/aftersales/v1/aftersales.pb.h>
#include <loomline/intake/v1/access.pb.h>

#include <algorithm>
#include <utility>

#include "loomline/factory/outside.hpp"

namespace loomline::demo {

namespace {

using configuration::v1::Choice;

constexpr const char* kIntake = "loomline.intake.v1.IntakeService.";
constexpr const char* kConfiguration = "loomline.configuration.v1.ConfigurationService.";
constexpr const char* kAftersales = "loomline.aftersales.v1.AftersalesService.";

std::string method(const char* service, const char* name) { return std::string(service) + name; }

// Invented people: nobody's data.
intake::v1::PartyInput party(common::v1::PartyRole role, const PlannedOrder& order) {
  intake::v1::PartyInput out;
  out.set_role(role);
  auto& details = *out.mutable_details();
  const std::string number = std::to_string(order.number);
  details.set_name("Customer " + number);
  details.set_email("customer-" + number + "@example.com");
  details.add_address_lines(number + " Demo Street");
  details.set_city(order.place.city);
  details.set_postal_code("10000");
  details.set_country(order.place.country);
  details.set_zone(order.place.zone);
  details.set_locale(order.place.locale);
  return out;
}

void add_choice(intake::v1::Wish& wish, const Choice& choice) {
  const bool known = std::any_of(wish.choices().begin(), wish.choices().end(),
                                 [&](const Choice& other) { return other.feature() == choice.feature(); });
  if (!known) *wish.add_choices() = choice;
}

}  // namespace

Result<Shop::Choices> Shop::complete(const std::string& model_id, std::uint64_t seed) {
  configuration::v1::CompleteRequest request;
  request.set_model_id(model_id);
  request.set_seed(seed);
  auto answer = portal_->call<configuration::v1::CompleteResponse>(method(kConfiguration, "Complete"), request);
  if (!answer.ok()) return answer.status();
  return answer->choices();
}

Result<intake::v1::Wish> Shop::valid_wish(const PlannedOrder& order, const std::string& model_id) {
  const std::string draw = "wish/" + order.label;
  auto choices = complete(model_id, draws_.bits(draw) >> 1);
  if (!choices.ok()) return choices.status();
  intake::v1::Wish wish;
  wish.set_model_id(model_id);
  wish.set_quantity(order.quantity);
  // A customer decides about a tenth of what they could, and rarely says what they do not want.
  for (const auto& choice : *choices)
    if (draws_.chance(draw + "/" + choice.feature(), choice.selected() ? 120 : 5)) *wish.add_choices() = choice;
  if (wish.choices().empty() && !choices->empty()) *wish.add_choices() = (*choices)[0];
  return wish;
}

Result<intake::v1::Wish> Shop::invalid_wish(const PlannedOrder& order, const std::string& model_id) {
  auto wish = valid_wish(order, model_id);
  if (!wish.ok()) return wish;
  const std::string draw = "wish/" + order.label;
  auto choices = complete(model_id, draws_.bits(draw) >> 1);
  if (!choices.ok() || choices->empty()) return choices.ok() ? wish : choices.status();
  // In a complete configuration nearly every single change breaks a rule; the model says which.
  constexpr int kTries = 40;
  for (int i = 0; i < kTries; ++i) {
    auto broken = *choices;
    auto& flipped = *broken.Mutable(
        static_cast<int>(draws_.below(draw + "/flip-" + std::to_string(i), static_cast<std::uint64_t>(broken.size()))));
    flipped.set_selected(!flipped.selected());
    configuration::v1::ValidateRequest request;
    request.set_model_id(model_id);
    *request.mutable_choices() = broken;
    request.set_max_repairs(1);
    auto answer = portal_->call<configuration::v1::ValidateResponse>(method(kConfiguration, "Validate"), request);
    if (!answer.ok()) return answer.status();
    if (answer->answer() != configuration::v1::ANSWER_NOT_BUILDABLE || answer->conflict().choices().size() < 2)
      continue;
    // The conflict first: what else is wished may not contradict it.
    intake::v1::Wish out;
    out.set_model_id(model_id);
    out.set_quantity(1);
    for (const auto& choice : answer->conflict().choices()) add_choice(out, choice);
    for (const auto& choice : wish->choices()) add_choice(out, choice);
    return out;
  }
  return internal("No change of a configuration of " + model_id + " breaks a rule that names two choices");
}

Result<std::string> Shop::capture(const PlannedOrder& order, const intake::v1::Wish& wish) {
  intake::v1::CaptureRequirementRequest request;
  request.set_channel(intake::v1::CHANNEL_PORTAL);
  *request.add_parties() = party(common::v1::PARTY_ROLE_BUYER, order);
  if (!order.asks_back) *request.add_parties() = party(common::v1::PARTY_ROLE_SHIP_TO, order);
  *request.add_wishes() = wish;
  auto& reference = *request.add_external_refs();
  reference.set_system("demo");
  reference.set_type("order");
  reference.set_id(run_ + "-" + order.label);
  auto captured = portal_->call<intake::v1::CaptureRequirementResponse>(method(kIntake, "CaptureRequirement"), request,
                                                                        key(order, "capture"));
  if (!captured.ok()) return captured.status();
  if (captured->open_questions().empty()) return captured->order_id();
  intake::v1::AnswerConfirmationRequest answer;
  answer.set_order_id(captured->order_id());
  *answer.add_parties() = party(common::v1::PARTY_ROLE_SHIP_TO, order);
  for (const auto& question : captured->open_questions()) {
    auto& said = *answer.add_answers();
    said.set_question_id(question.question_id());
    said.set_text("As given with the address.");
  }
  auto answered = portal_->call<intake::v1::AnswerConfirmationResponse>(method(kIntake, "AnswerConfirmation"), answer,
                                                                        key(order, "answer"));
  if (!answered.ok()) return answered.status();
  return captured->order_id();
}

Result<Placed> Shop::order(const PlannedOrder& order, const intake::v1::Wish& wish) {
  auto order_id = capture(order, wish);
  if (!order_id.ok()) return order_id.status();
  Placed out{*order_id, false, {}, {}};
  intake::v1::QuoteRequest ask;
  ask.set_order_id(out.order_id);
  auto quote = portal_->call<intake::v1::QuoteResponse>(method(kIntake, "Quote"), ask, key(order, "quote"));
  if (!quote.ok()) return quote.status();
  out.refused = quote->answer() != configuration::v1::ANSWER_BUILDABLE;
  if (out.refused) {
    if (!quote->conflict().choices().empty() || !quote->conflict().rules().empty())
      out.conflict = quote->conflict().explanation().en();
  } else {
    intake::v1::PlaceOrderRequest place;
    place.set_order_id(out.order_id);
    place.set_quote_id(quote->quote_id());
    auto placed =
        portal_->call<intake::v1::PlaceOrderResponse>(method(kIntake, "PlaceOrder"), place, key(order, "place"));
    if (!placed.ok()) return placed.status();
  }
  intake::v1::CreateLinkRequest link;
  link.set_order_id(out.order_id);
  auto made = portal_->call<intake::v1::CreateLinkResponse>("loomline.intake.v1.AccessService.CreateLink", link);
  if (!made.ok()) return made.status();
  out.tracking_path = made->path();
  return out;
}

Status Shop::cancel(const PlannedOrder& order, const std::string& order_id) {
  intake::v1::CancelOrderRequest request;
  request.set_order_id(order_id);
  request.set_reason("CUSTOMER_CHANGED_MIND");
  return portal_->call<intake::v1::CancelOrderResponse>(method(kIntake, "CancelOrder"), request, key(order, "cancel"))
      .status();
}

Status Shop::answer_survey(const PlannedOrder& order, const std::string& order_id) {
  return portal_
      ->call<aftersales::v1::AnswerSurveyResponse>(method(kAftersales, "AnswerSurvey"),
                                                   factory::answer_survey(order_id, order.label, draws_),
                                                   key(order, "survey"))
      .status();
}

Status Shop::open_ticket(const PlannedOrder& order, const std::string& order_id) {
  aftersales::v1::OpenTicketRequest request;
  request.set_order_id(order_id);
  request.set_category(aftersales::v1::TICKET_CATEGORY_DOCUMENTS);
  request.set_impact(aftersales::v1::IMPACT_LOW);
  request.set_urgency(aftersales::v1::URGENCY_MEDIUM);
  request.set_text("Where do I find the certificate?");
  return portal_
      ->call<aftersales::v1::OpenTicketResponse>(method(kAftersales, "OpenTicket"), request, key(order, "ticket"))
      .status();
}

}  // namespace loomline::demo
