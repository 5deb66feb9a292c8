// The doors of the operations pages.
#include <functional>

#include "api/call.hpp"
#include "api/quiet.hpp"
#include "api/refused.hpp"
#include "api/system.hpp"
#include "loomline/http/url.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/wire/convert.hpp"
#include "pages/journey_parts.hpp"
#include "pages/login_page.hpp"
#include "pages/message_page.hpp"
#include "pages/ops_view.hpp"
#include "pages/pages.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;

// The answer, or nothing where the service did not give one: the page shows what it has.
template <class Answer, class Ask>
std::optional<Answer> asked(rpc::Directory& peers, const Ask& ask, const rpc::CallOptions& options) {
  auto answer = peers.call<Ask, Answer>(rpc::method_of<Ask>(), ask, options);
  if (!answer.ok()) return std::nullopt;
  return std::move(*answer);
}

rpc::CallOptions quick(const Principal& principal, const http::Request& request) {
  auto options = call_options(principal, request);
  options.timeout = std::chrono::seconds(3);
  options.idempotency_key.clear();
  return options;
}

std::optional<v1::ListDeadLettersResponse> dead_letters(rpc::Directory& peers, const rpc::CallOptions& options) {
  const auto* method = v1::ListDeadLettersRequest::descriptor()
                           ->file()
                           ->FindServiceByName("SystemService")
                           ->FindMethodByName("ListDeadLetters");
  v1::ListDeadLettersResponse out;
  if (!call_system(peers, *method, v1::ListDeadLettersRequest(), out, options).ok()) return std::nullopt;
  return out;
}

std::string seconds_since(const google::protobuf::Timestamp& since) {
  const auto waited = wall_now() - wire::to_time(since);
  return std::to_string(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(waited).count()));
}

void add_stalls(const v1::GetActivityResponse& service, OpsView& view) {
  for (const auto& lane : service.stalled_lanes()) {
    const bool topic = lane.source() != "commands" && lane.source() != "timers";
    const Values values{
        {"lane", std::to_string(lane.lane())}, {"topic", lane.source()}, {"seconds", seconds_since(lane.since())}};
    view.stalls.push_back({service.service(), view.text("ops.stalls." + (topic ? "events" : lane.source()), values),
                           lane.message(), lane.key(), lane.reason(), lane.since()});
  }
  for (const auto& alarm : service.alarms())
    view.stalls.push_back({service.service(), view.text("ops.stalls.chain"), {}, {}, alarm, {}});
  for (const auto& slow : service.slow_keys())
    view.stalls.push_back({service.service(),
                           view.text("ops.stalls.slow", {{"seconds", seconds_since(slow.since())}}),
                           slow.message(),
                           slow.key(),
                           {},
                           slow.since(),
                           false});
}

void add_activity(const Activities& activities, OpsView& view) {
  for (const auto& service : activities.heard) {
    add_stalls(service, view);
    if (service.events_waiting() > 0)
      view.waiting[service.service()] = std::max(view.waiting[service.service()], service.events_waiting());
  }
  for (const auto& [service, status] : activities.silent)
    view.stalls.push_back({service, view.text("ops.stalls.silent"), {}, {}, status.message(), {}});
}

OpsView gather(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  static constexpr std::uint32_t kRows = 25;
  OpsView view;
  view.language = language_of(request);
  view.chosen_language = chosen_language(request);
  const auto options = quick(principal, request);
  using tracking::v1::ListJourneysResponse;
  view.counts = asked<tracking::v1::CountOrdersResponse>(peers, tracking::v1::CountOrdersRequest(), options);
  tracking::v1::ListJourneysRequest list;
  list.mutable_page()->set_page_size(kRows);
  view.recent = asked<ListJourneysResponse>(peers, list, options);
  list.set_late(true);
  list.set_status(tracking::v1::JOURNEY_STATUS_ACTIVE);
  view.late = asked<ListJourneysResponse>(peers, list, options);
  view.letters = dead_letters(peers, options);
  add_activity(look_at_all(peers, options), view);
  aftersales::v1::ListTicketsRequest tickets;
  tickets.mutable_page()->set_page_size(kRows);
  view.tickets = asked<aftersales::v1::ListTicketsResponse>(peers, tickets, options);
  return view;
}

http::Response overview(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  OpsView view = gather(peers, principal, request);
  const auto done = request.query_param("done").value_or("");
  if (done == "replay" || done == "drop") view.notice = view.text("ops.done." + std::string(done));
  return ops_page(view);
}

Html anomalies(const JourneyView& view) {
  Html out;
  out << "<section class=card><h2>" << Text(view.text("ops.order.internal")) << "</h2><dl class=facts><div><dt>"
      << Text(view.text("ops.column.order")) << "</dt><dd><code>" << Text(view.journey.order_id())
      << "</code></dd></div><div><dt>" << Text(view.text("ops.order.revision")) << "</dt><dd>"
      << Text(static_cast<std::int64_t>(view.journey.revision())) << "</dd></div>";
  for (const auto& line : view.journey.lines())
    out << "<div><dt>" << Text(view.text("ops.order.plant")) << "</dt><dd><code>" << Text(line.plant_id())
        << "</code></dd></div>";
  out << "</dl><h3>" << Text(view.text("ops.order.anomalies")) << "</h3>";
  if (view.journey.anomalies().empty())
    return out << "<p class=muted>" << Text(view.text("ops.order.none")) << "</p></section>";
  out << "<ul>";
  for (const auto& anomaly : view.journey.anomalies()) out << "<li>" << Text(anomaly) << "</li>";
  return out << "</ul></section>";
}

http::Response order(rpc::Directory& peers, const Principal& principal, const http::Request& request) {
  tracking::v1::GetJourneyRequest ask;
  ask.set_order_id(std::string(request.path_param("order_id").value_or("")));
  auto answer = peers.call<tracking::v1::GetJourneyRequest, tracking::v1::GetJourneyResponse>(
      rpc::method_of<tracking::v1::GetJourneyRequest>(), ask, quick(principal, request));
  if (!answer.ok()) return refusal_page(answer.status(), request);
  JourneyView view{language_of(request), std::move(*answer->mutable_journey())};
  const std::string chosen = chosen_language(request);
  PageFrame frame;
  frame.language = view.language;
  frame.title = view.text("track.order", {{"id", short_id(view.journey.order_id())}});
  frame.address = "/ops/orders/" + http::percent_encode(view.journey.order_id());
  frame.main << "<p class=small><a href=\"" << Text("/ops" + (chosen.empty() ? "" : "?" + chosen)) << "\">← "
             << Text(view.text("ops.order.back")) << "</a></p>" << hero(view) << steps(view)
             << "<div class=columns><div class=column>" << history_card(view) << "</div><div class=column>"
             << anomalies(view) << promise_card(view) << units_card(view) << "</div></div>";
  return render(frame);
}

http::Response resolve(rpc::Directory& peers, const Principal& principal, const http::Request& request,
                       const char* what, const char* method_name) {
  const auto form = http::parse_form(request.body);
  v1::ResolveDeadLetterRequest ask;
  ask.set_dead_letter_id(std::string(request.path_param("dead_letter_id").value_or("")));
  ask.set_note("operations page");
  if (form.ok()) ask.set_service(std::string(http::find(*form, "service").value_or("")));
  const auto* method = v1::ResolveDeadLetterRequest::descriptor()
                           ->file()
                           ->FindServiceByName("SystemService")
                           ->FindMethodByName(method_name);
  v1::ResolveDeadLetterResponse done;
  const Status status = call_system(peers, *method, ask, done, quick(principal, request));
  const std::string chosen = chosen_language(request);
  if (status.ok()) return http::see_other("/ops?done=" + std::string(what) + (chosen.empty() ? "" : "&" + chosen));
  OpsView view = gather(peers, principal, request);
  view.notice = view.text("ops.failed", {{"why", status.message()}});
  view.notice_is_error = true;
  return ops_page(view);
}

http::Response login(const PageContext& context, const http::Request& request) {
  const auto form = http::parse_form(request.body);
  const std::string token(form.ok() ? http::find(*form, "token").value_or("") : "");
  const bool plain =
      !token.empty() && token.size() < 200 &&
      token.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == token.npos;
  if (!plain) return login_page(request, true, 401);
  Seconds wait{};
  const auto principal = context.access.identify({Credential::Kind::token, token}, request, &wait);
  if (!principal.ok() && principal.status().code() != Code::unauthenticated) {
    auto refused = refusal_page(principal.status(), request);
    if (refused.status == 429) refused.headers.set("Retry-After", std::to_string(whole_seconds(wait)));
    return refused;
  }
  if (!principal.ok() || principal->role != v1::ROLE_STAFF) return login_page(request, true, 401);
  const std::string chosen = chosen_language(request);
  http::Response response = http::see_other("/ops" + (chosen.empty() ? "" : "?" + chosen));
  response.headers.add("Set-Cookie",
                       http::set_cookie(session_cookie, token,
                                        {.path = "/ops", .max_age_seconds = -1, .secure = context.secure_cookies}));
  return response;
}

http::Response logout(const PageContext& context) {
  http::Response response = http::see_other("/ops");
  response.headers.add(
      "Set-Cookie",
      http::set_cookie(session_cookie, "", {.path = "/ops", .max_age_seconds = 0, .secure = context.secure_cookies}));
  return response;
}

http::Response refuse(const Status& status, const http::Request& request) {
  const bool wants_login = status.code() == Code::unauthenticated || status.code() == Code::permission_denied;
  if (!wants_login) return refusal_page(status, request);
  const bool failed = request.cookie(session_cookie).value_or("") != "";
  return login_page(request, failed, http::http_status(status.code()));
}

}  // namespace

std::vector<Door> ops_doors(const PageContext& context) {
  std::vector<Door> doors;
  auto& peers = context.peers;
  const auto add = [&](std::string verb, std::string path, Role role, Door::Answer answer) {
    Door door;
    door.verb = std::move(verb);
    door.path = std::move(path);
    door.roles = {role};
    door.shown = Shown::cookie;
    door.max_body_bytes = 16 * 1024;
    door.refuse = refuse;
    door.answer = std::move(answer);
    doors.push_back(std::move(door));
  };
  using Who = const Principal&;
  using What = const http::Request&;
  add("GET", "/ops", v1::ROLE_STAFF, [&peers](Who who, What what) { return overview(peers, who, what); });
  add("GET", "/ops/orders/{order_id}", v1::ROLE_STAFF,
      [&peers](Who who, What what) { return order(peers, who, what); });
  add("POST", "/ops/dead-letters/{dead_letter_id}/replay", v1::ROLE_STAFF,
      [&peers](Who who, What what) { return resolve(peers, who, what, "replay", "ReplayDeadLetter"); });
  add("POST", "/ops/dead-letters/{dead_letter_id}/drop", v1::ROLE_STAFF,
      [&peers](Who who, What what) { return resolve(peers, who, what, "drop", "DropDeadLetter"); });
  add("POST", "/ops/login", v1::ROLE_ANYONE, [context](Who, What what) { return login(context, what); });
  add("POST", "/ops/logout", v1::ROLE_ANYONE, [context](Who, What) { return logout(context); });
  return doors;
}

}  // namespace loomline::edge
