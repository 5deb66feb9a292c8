#include "pages/ops_view.hpp"

#include <algorithm>

#include "loomline/http/url.hpp"
#include "pages/dates.hpp"
#include "pages/journey_parts.hpp"

namespace loomline::edge {
namespace {

using namespace tracking::v1;  // NOLINT: the journey's messages, by name

constexpr const char* kZone = "UTC";  // operators of several plants share one page

Html tile(const OpsView& view, Markup key, std::optional<std::int64_t> number, bool alarming) {
  Html out;
  out << "<div class=\"tile" << (alarming && number.value_or(0) > 0 ? Markup(" bad") : Markup(""))
      << "\"><span class=label>" << Text(view.text(key.text())) << "</span><strong>"
      << Text(number ? std::to_string(*number) : "–") << "</strong></div>";
  return out;
}

std::int64_t orders_in(const CountOrdersResponse& counts, std::initializer_list<JourneyStatus> statuses) {
  std::int64_t sum = 0;
  for (const auto& stage : counts.stages())
    if (std::find(statuses.begin(), statuses.end(), stage.status()) != statuses.end()) sum += stage.orders();
  return sum;
}

Html tiles(const OpsView& view) {
  std::optional<std::int64_t> active, late, delivered, letters, tickets;
  if (view.counts) {
    active = orders_in(*view.counts, {JOURNEY_STATUS_ACTIVE});
    delivered = orders_in(*view.counts, {JOURNEY_STATUS_DELIVERED, JOURNEY_STATUS_CLOSED});
    late = view.counts->late();
  }
  if (view.letters) letters = view.letters->dead_letters_size();
  if (view.tickets) tickets = view.tickets->tickets_size();
  Html out;
  out << "<section class=tiles>" << tile(view, "ops.active", active, false) << tile(view, "ops.late", late, true)
      << tile(view, "ops.delivered", delivered, false) << tile(view, "ops.tickets", tickets, false)
      << tile(view, "ops.letters", letters, true) << "</section>";
  return out;
}

std::string stage_name(const OpsView& view, JourneyStatus status, production::v1::Milestone milestone) {
  if (status == JOURNEY_STATUS_ACTIVE) return view.text(milestone_key("milestone.", milestone));
  return view.text("status." + std::to_string(status));
}

Html stages(const OpsView& view) {
  Html out;
  out << "<section class=card><h2>" << Text(view.text("ops.orders")) << "</h2>";
  if (!view.counts) return out << "<p class=muted>" << Text(view.text("ops.letters.unavailable")) << "</p></section>";
  std::int64_t most = 1;
  for (const auto& stage : view.counts->stages()) most = std::max(most, stage.orders());
  out << "<ul class=bars>";
  for (const auto& stage : view.counts->stages())
    out << "<li><span>" << Text(stage_name(view, stage.status(), stage.milestone())) << "</span><progress max=\""
        << Text(most) << "\" value=\"" << Text(stage.orders()) << "\" aria-hidden=true></progress><strong>"
        << Text(stage.orders()) << "</strong></li>";
  if (view.counts->stages().empty()) out << "<li class=muted>" << Text(view.text("ops.recent.none")) << "</li>";
  return out << "</ul></section>";
}

Html head(const OpsView& view, std::initializer_list<Markup> keys) {
  Html out;
  out << "<table class=list><thead><tr>";
  for (const auto key : keys) out << "<th scope=col>" << Text(view.text(key.text())) << "</th>";
  return out << "</tr></thead><tbody>";
}

Html order_link(const OpsView& view, const std::string& order_id) {
  Html out;
  out << "<a href=\"" << Text(view.address("/ops/orders/" + http::percent_encode(order_id))) << "\" title=\""
      << Text(order_id) << "\"><code>" << Text(short_id(order_id)) << "</code></a>";
  return out;
}

std::string promised(const OpsView& view, const Journey& journey) {
  std::string out;
  for (const auto& line : journey.lines()) {
    if (!line.promise().has_window()) continue;
    const auto& window = line.promise().window();
    out += (out.empty() ? "" : "; ") + days(window.earliest(), window.latest(), journey.zone(), view.language);
  }
  return out.empty() ? "–" : out;
}

Html order_rows(const OpsView& view, const ListJourneysResponse& journeys) {
  Html out;
  for (const auto& journey : journeys.journeys()) {
    std::string product;
    for (const auto& line : journey.lines())
      product += (product.empty() ? "" : ", ") + local_text(line.product_name(), view.language);
    out << "<tr><td>" << order_link(view, journey.order_id()) << "</td><td>" << Text(product.empty() ? "–" : product)
        << "</td><td>" << Text(stage_name(view, journey.status(), journey.milestone()));
    if (journey.late()) out << " <span class=\"pill bad\">" << Text(view.text("ops.late")) << "</span>";
    if (!journey.hold_ids().empty()) out << " <span class=\"pill warn\">" << Text(view.text("pill.held")) << "</span>";
    out << "</td><td>" << Text(promised(view, journey)) << "</td><td>"
        << Text(journey.has_updated_at() ? moment(journey.updated_at(), kZone, view.language) : "–") << "</td></tr>";
  }
  return out;
}

Html orders(const OpsView& view, Markup title, Markup none, const std::optional<ListJourneysResponse>& journeys) {
  Html out;
  out << "<section class=card><h2>" << Text(view.text(title.text())) << "</h2>";
  if (!journeys) return out << "<p class=muted>" << Text(view.text("ops.letters.unavailable")) << "</p></section>";
  if (journeys->journeys().empty()) return out << "<p class=muted>" << Text(view.text(none.text())) << "</p></section>";
  return out << "<div class=scroll>"
             << head(view, {"ops.column.order", "ops.column.product", "ops.column.stage", "ops.column.promise",
                            "ops.column.updated"})
             << order_rows(view, *journeys) << "</tbody></table></div></section>";
}

Html letter_button(const OpsView& view, const common::v1::DeadLetter& letter, const char* what) {
  Html out;
  out << "<form method=post class=inline action=\""
      << Text(view.address("/ops/dead-letters/" + http::percent_encode(letter.dead_letter_id()) + "/" + what))
      << "\"><input type=hidden name=service value=\"" << Text(letter.service()) << "\"><button class=\"small"
      << (std::string_view(what) == "drop" ? Markup(" quiet") : Markup("")) << "\">"
      << Text(view.text("ops." + std::string(what))) << "</button></form>";
  return out;
}

// "loomline.intake.v1.OrderPlaced" -> "OrderPlaced".
std::string short_type(const std::string& type) { return type.substr(type.rfind('.') + 1); }

Html letters(const OpsView& view) {
  Html out;
  out << "<section class=card><h2>" << Text(view.text("ops.letters")) << "</h2>";
  for (const auto& [service, events] : view.waiting)
    out << "<p><span class=\"pill warn\">"
        << Text(view.text("ops.waiting", {{"service", service}, {"n", std::to_string(events)}})) << "</span></p>";
  if (!view.letters) return out << "<p class=muted>" << Text(view.text("ops.letters.unavailable")) << "</p></section>";
  if (view.letters->dead_letters().empty())
    return out << "<p class=muted>" << Text(view.text("ops.letters.none")) << "</p></section>";
  out << "<div class=scroll>"
      << head(view, {"ops.column.service", "ops.column.event", "ops.column.reason", "ops.column.since",
                     "ops.column.behind", "ops.column.action"});
  for (const auto& letter : view.letters->dead_letters()) {
    out << "<tr><td>" << Text(letter.service()) << "</td><td>" << Text(short_type(letter.event_type()))
        << "<br><code class=small>" << Text(letter.key()) << "</code></td><td>" << Text(letter.reason()) << "</td><td>"
        << Text(letter.has_recorded_at() ? moment(letter.recorded_at(), kZone, view.language) : std::string("–"))
        << "</td><td>" << Text(letter.queued_behind()) << "</td><td>" << letter_button(view, letter, "replay")
        << letter_button(view, letter, "drop") << "</td></tr>";
  }
  return out << "</tbody></table></div></section>";
}

Html stalls(const OpsView& view) {
  Html out;
  out << "<section class=card id=stalls><h2>" << Text(view.text("ops.stalls")) << "</h2>";
  if (view.stalls.empty()) return out << "<p class=muted>" << Text(view.text("ops.stalls.none")) << "</p></section>";
  out << "<div class=scroll>"
      << head(view,
              {"ops.column.service", "ops.column.what", "ops.column.event", "ops.column.reason", "ops.column.since"});
  for (const auto& stall : view.stalls) {
    out << "<tr><td>" << Text(stall.service) << "</td><td>" << icon(stall.alarming ? "alert" : "clock")
        << Text(stall.what) << "</td><td>" << Text(short_type(stall.message)) << "<br><code class=small>"
        << Text(stall.key) << "</code></td><td>" << Text(stall.reason) << "</td><td>"
        << Text(stall.since ? moment(*stall.since, kZone, view.language) : std::string("–")) << "</td></tr>";
  }
  return out << "</tbody></table></div></section>";
}

Html tickets(const OpsView& view) {
  Html out;
  out << "<section class=card><h2>" << Text(view.text("ops.tickets")) << "</h2>";
  if (!view.tickets) return out << "<p class=muted>" << Text(view.text("ops.letters.unavailable")) << "</p></section>";
  if (view.tickets->tickets().empty())
    return out << "<p class=muted>" << Text(view.text("ops.tickets.none")) << "</p></section>";
  out << "<div class=scroll>"
      << head(view, {"ops.column.ticket", "ops.column.order", "ops.column.category", "ops.column.priority",
                     "ops.column.respond", "ops.column.resolve"});
  const auto due = [&](const google::protobuf::Timestamp& at, bool breached) {
    Html text;
    text << Text(moment(at, kZone, view.language));
    if (breached) text << " <span class=\"pill bad\">" << Text(view.text("ops.breached")) << "</span>";
    return text;
  };
  for (const auto& ticket : view.tickets->tickets()) {
    out << "<tr><td><code title=\"" << Text(ticket.ticket_id()) << "\">" << Text(short_id(ticket.ticket_id()))
        << "</code></td><td>";
    if (!ticket.order_id().empty()) out << order_link(view, ticket.order_id());
    out << "</td><td>" << Text(view.text("ask.category." + std::to_string(std::max<int>(1, ticket.category()))))
        << "</td><td>" << Text(view.text("priority." + std::to_string(std::max<int>(1, ticket.priority()))))
        << "</td><td>" << due(ticket.respond_by(), ticket.response_breached()) << "</td><td>"
        << due(ticket.resolve_by(), ticket.resolution_breached()) << "</td></tr>";
  }
  return out << "</tbody></table></div></section>";
}

}  // namespace

http::Response ops_page(const OpsView& view) {
  PageFrame frame;
  frame.language = view.language;
  frame.title = view.text("ops.title");
  frame.address = "/ops";
  frame.actions << "<form method=post action=\"/ops/logout\" class=inline><button class=\"quiet small\">"
                << Text(view.text("ops.logout")) << "</button></form>";
  frame.main << "<h1>" << Text(view.text("ops.title")) << "</h1>";
  if (!view.notice.empty())
    frame.main << "<p role=status class=" << (view.notice_is_error ? Markup("form-error") : Markup("form-good")) << ">"
               << icon(view.notice_is_error ? "alert" : "check") << Text(view.notice) << "</p>";
  frame.main << tiles(view) << stalls(view) << "<div class=\"columns narrow-first\"><div class=column>" << stages(view)
             << "<section class=card><h2>" << Text(view.text("ops.links"))
             << "</h2><ul class=plain-links><li><a href=\"/openapi.json\">OpenAPI</a></li><li><a href=\"/readyz\">"
             << "/readyz</a></li></ul><p class=\"muted small\">" << Text(view.text("ops.refresh"))
             << "</p></section></div><div class=column>" << orders(view, "ops.late.title", "ops.late.none", view.late)
             << letters(view) << tickets(view) << orders(view, "ops.recent", "ops.recent.none", view.recent)
             << "</div></div>";
  http::Response response = render(frame);
  if (view.notice.empty()) response.headers.set("Refresh", "15");
  return response;
}

}  // namespace loomline::edge
