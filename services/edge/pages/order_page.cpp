// The doors behind a signed link: the page, its events, the certificate, the forms.
#include <loomline/aftersales/v1/aftersales.pb.h>
#include <loomline/quality/v1/quality.pb.h>

#include <charconv>

#include "api/call.hpp"
#include "api/watch.hpp"
#include "loomline/base/id.hpp"
#include "loomline/http/url.hpp"
#include "loomline/rpc/query.hpp"
#include "pages/certificate_page.hpp"
#include "pages/message_page.hpp"
#include "pages/pages.hpp"
#include "pages/tracking_page.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;

Result<TrackingView> view_of(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  tracking::v1::GetJourneyRequest ask;
  ask.set_order_id(principal.order_id);
  auto options = call_options(principal, request);
  options.idempotency_key.clear();
  options.idempotent = true;
  auto answer = peers.call<tracking::v1::GetJourneyRequest, tracking::v1::GetJourneyResponse>(
      rpc::method_of<tracking::v1::GetJourneyRequest>(), ask, options);
  if (!answer.ok()) return answer.status();
  TrackingView view;
  view.language = language_of(request);
  view.journey = std::move(*answer->mutable_journey());
  view.link = std::string(request.path_param("link").value_or(""));
  view.chosen_language = chosen_language(request);
  view.form_key = random_hex128();
  return view;
}

http::Response page(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  auto view = view_of(peers, principal, request);
  if (!view.ok()) return refusal_page(view.status(), request);
  const auto said = request.query_param("said").value_or("");
  if (said == "ask") view->notice = "ask.sent";
  if (said == "survey") view->notice = "survey.thanks";
  return tracking_page(*view);
}

http::Response certificate(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  auto view = view_of(peers, principal, request);
  if (!view.ok()) return refusal_page(view.status(), request);
  quality::v1::GetCertificateRequest ask;
  ask.set_order_id(principal.order_id);
  ask.mutable_page()->set_page_token(std::string(request.query_param("after").value_or("")));
  auto answer = peers.call<quality::v1::GetCertificateRequest, quality::v1::GetCertificateResponse>(
      rpc::method_of<quality::v1::GetCertificateRequest>(), ask, call_options(principal, request));
  if (!answer.ok() && answer.status().code() != Code::not_found) return refusal_page(answer.status(), request);
  return certificate_page(*view, answer.ok() ? *answer : quality::v1::GetCertificateResponse());
}

// The key that the form brought makes its effect happen once; it is made of what we printed, so anything else is
// refused.
rpc::CallOptions form_options(const Principal& principal, const http::Request& request, const http::Params& form) {
  auto options = call_options(principal, request);
  const std::string_view key = http::find(form, "key").value_or("");
  static constexpr std::size_t kLongest = 64;
  const bool plain = key.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == key.npos;
  options.idempotency_key = !key.empty() && key.size() <= kLongest && plain ? std::string(key) : random_hex128();
  return options;
}

int number_of(const http::Params& form, std::string_view name, int otherwise) {
  const auto text = http::find(form, name);
  int value = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

std::string back_to(const TrackingView& view, const char* said, const char* anchor) {
  const std::string address = view.address();
  return address + (address.find('?') == address.npos ? "?" : "&") + "said=" + said + "#" + anchor;
}

http::Response open_ticket(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  static constexpr std::size_t kLongest = 10'000;
  auto view = view_of(peers, principal, request);
  if (!view.ok()) return refusal_page(view.status(), request);
  const auto form = http::parse_form(request.body);
  if (!form.ok()) return refusal_page(form.status(), request);
  const std::string text(http::find(*form, "text").value_or(""));
  const int category = number_of(*form, "category", aftersales::v1::TICKET_CATEGORY_QUESTION);
  Status status;
  if (text.find_first_not_of(" \t\r\n") == text.npos) view->ask_error = view->text("ask.empty");
  if (text.size() > kLongest) view->ask_error = view->text("ask.too_long");
  if (view->ask_error.empty()) {
    aftersales::v1::OpenTicketRequest ask;
    ask.set_order_id(principal.order_id);
    const bool known = aftersales::v1::TicketCategory_IsValid(category) && category != 0;
    ask.set_category(known ? static_cast<aftersales::v1::TicketCategory>(category)
                           : aftersales::v1::TICKET_CATEGORY_QUESTION);
    ask.set_impact(aftersales::v1::IMPACT_LOW);
    ask.set_urgency(aftersales::v1::URGENCY_MEDIUM);
    ask.set_text(text);
    const auto answer = peers.call<aftersales::v1::OpenTicketRequest, aftersales::v1::OpenTicketResponse>(
        rpc::method_of<aftersales::v1::OpenTicketRequest>(), ask, form_options(principal, request, *form));
    if (answer.ok()) return http::see_other(back_to(*view, "ask", "ask"));
    status = answer.status();
    view->ask_error = view->text(status.code() == Code::invalid_argument ? "refused.failed.text" : "refused.busy.text");
  }
  view->ask_text = text;
  view->ask_category = category;
  view->status = status.ok() ? 400 : http::http_status(status.code());
  return tracking_page(*view);
}

http::Response answer_survey(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  auto view = view_of(peers, principal, request);
  if (!view.ok()) return refusal_page(view.status(), request);
  const auto form = http::parse_form(request.body);
  if (!form.ok()) return refusal_page(form.status(), request);
  const int recommend = number_of(*form, "recommend", -1);
  Status status;
  if (recommend < 0 || recommend > 10) {
    view->survey_error = view->text("survey.choose");
  } else {
    aftersales::v1::AnswerSurveyRequest ask;
    ask.set_order_id(principal.order_id);
    ask.set_recommend(static_cast<std::uint32_t>(recommend));
    if (const int n = number_of(*form, "product", 0); n > 0) ask.set_product(static_cast<std::uint32_t>(n));
    if (const int n = number_of(*form, "delivery", 0); n > 0) ask.set_delivery(static_cast<std::uint32_t>(n));
    if (const int n = number_of(*form, "information", 0); n > 0) ask.set_information(static_cast<std::uint32_t>(n));
    ask.set_remark(std::string(http::find(*form, "remark").value_or("")));
    const auto answer = peers.call<aftersales::v1::AnswerSurveyRequest, aftersales::v1::AnswerSurveyResponse>(
        rpc::method_of<aftersales::v1::AnswerSurveyRequest>(), ask, form_options(principal, request, *form));
    // Answered before (in another window, say): that is what the customer wanted.
    if (answer.ok() || answer.status().code() == Code::failed_precondition)
      return http::see_other(back_to(*view, "survey", "survey"));
    status = answer.status();
    view->survey_error =
        view->text(status.code() == Code::invalid_argument ? "refused.failed.text" : "refused.busy.text");
  }
  view->status = status.ok() ? 400 : http::http_status(status.code());
  return tracking_page(*view);
}

const ApiRoute* watch_route() {
  for (const auto& route : api_routes())
    if (route.method->full_name() == "loomline.tracking.v1.TrackingService.WatchJourney") return &route;
  return nullptr;
}

}  // namespace

std::vector<Door> tracking_doors(const PageContext& context) {
  std::vector<Door> doors;
  auto& peers = context.peers;
  const auto add = [&](std::string verb, std::string path) -> Door& {
    Door door;
    door.verb = std::move(verb);
    door.path = std::move(path);
    door.roles = {v1::ROLE_CUSTOMER};
    door.shown = Shown::path_link;
    door.max_body_bytes = 128 * 1024;
    door.refuse = [](const Status& status, const http::Request& request) { return refusal_page(status, request); };
    doors.push_back(std::move(door));
    return doors.back();
  };
  const auto bind = [&peers](auto* handler) {
    return [&peers, handler](const Principal& principal, const http::Request& request) {
      return handler(peers, principal, request);
    };
  };
  add("GET", "/t/{link}").answer = bind(&page);
  add("GET", "/t/{link}/certificate").answer = bind(&certificate);
  add("POST", "/t/{link}/tickets").answer = bind(&open_ticket);
  add("POST", "/t/{link}/survey").answer = bind(&answer_survey);
  if (const auto* route = watch_route()) {
    Door& events = add("GET", "/t/{link}/events");
    events.stream = true;
    events.refuse = nullptr;
    events.open = [&peers, route](const Principal& principal, const http::Request& request, http::EventStream stream) {
      http::Request scoped = request;
      scoped.path_params = {{"order_id", principal.order_id}};
      return watch(peers, *route, principal, scoped, std::move(stream));
    };
  }
  return doors;
}

}  // namespace loomline::edge
