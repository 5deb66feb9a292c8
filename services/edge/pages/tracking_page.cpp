#include "pages/tracking_page.hpp"

#include "loomline/http/url.hpp"
#include "pages/dates.hpp"

namespace loomline::edge {
namespace {

using namespace tracking::v1;  // NOLINT: the journey's messages, by name

Html documents_card(const TrackingView& view) {
  const auto& journey = view.journey;
  Html out;
  if (journey.status() == JOURNEY_STATUS_WISH || journey.status() == JOURNEY_STATUS_REFUSED) return out;
  if (journey.status() == JOURNEY_STATUS_CANCELLED && !journey.certificate_available()) return out;
  out << "<section class=card><h2>" << Text(view.text("docs.title")) << "</h2><ul class=documents><li>"
      << icon("document");
  if (journey.certificate_available())
    out << "<a href=\"" << Text(view.address("/certificate")) << "\">" << Text(view.text("docs.certificate")) << "</a>";
  else
    out << "<span>" << Text(view.text("docs.certificate")) << "<br><span class=\"muted small\">"
        << Text(view.text("docs.certificate.later")) << "</span></span>";
  out << "</li>";
  if (journey.has_waybill()) {
    const std::string& carrier = journey.carrier().empty() ? journey.waybill().system() : journey.carrier();
    const std::string key = "carrier." + carrier;  // the demo's; others go by their own name
    const std::string name = has_text(view.language, key) ? view.text(key) : carrier;
    out << "<li>" << icon("document") << "<span>"
        << Text(view.text("docs.waybill", {{"id", journey.waybill().id()}, {"carrier", name}})) << "</span></li>";
  }
  out << "</ul></section>";
  return out;
}

Html my_tickets(const TrackingView& view) {
  Html out;
  if (view.journey.tickets().empty()) return out;
  out << "<h3>" << Text(view.text("ask.mine")) << "</h3><ul class=tickets>";
  for (const auto& ticket : view.journey.tickets()) {
    const std::string state = ticket.state().starts_with("TICKET_STATE_") ? ticket.state().substr(13) : ticket.state();
    out << "<li><time datetime=\"" << Text(machine_time(ticket.opened_at())) << "\">"
        << Text(day(ticket.opened_at(), view.zone(), view.language)) << "</time><span class=\"pill plain\">"
        << Text(view.text("ticket." + state)) << "</span></li>";
  }
  out << "</ul>";
  return out;
}

Html hidden_key(const TrackingView& view, std::string_view what) {
  Html out;
  out << "<input type=hidden name=key value=\"" << Text(view.form_key + "-" + std::string(what)) << "\">";
  return out;
}

Html error_line(const std::string& text, Markup id) {
  Html out;
  if (!text.empty()) out << "<p class=form-error role=alert id=" << id << ">" << icon("alert") << Text(text) << "</p>";
  return out;
}

Html ask_card(const TrackingView& view) {
  static constexpr int kCategories = 6;
  Html out;
  out << "<section class=card id=ask data-keep><h2>" << Text(view.text("ask.title")) << "</h2>";
  if (view.notice == "ask.sent")
    out << "<p class=form-good role=status>" << icon("check") << Text(view.text("ask.sent")) << "</p>";
  out << "<form method=post action=\"" << Text(view.address("/tickets")) << "\">" << hidden_key(view, "ask")
      << "<label for=category>" << Text(view.text("ask.category")) << "</label><select id=category name=category>";
  for (int i = 1; i <= kCategories; ++i)
    out << "<option value=" << Text(std::int64_t{i}) << (i == view.ask_category ? Markup(" selected") : Markup(""))
        << ">" << Text(view.text("ask.category." + std::to_string(i))) << "</option>";
  out << "</select><label for=text>" << Text(view.text("ask.text")) << "</label>"
      << error_line(view.ask_error, "ask-error") << "<textarea id=text name=text rows=4 maxlength=10000 required";
  if (!view.ask_error.empty()) out << " aria-invalid=true aria-describedby=ask-error";
  out << ">\n"
      << Text(view.ask_text) << "</textarea><p class=\"muted small\">" << Text(view.text("ask.hint"))
      << "</p><button type=submit>" << Text(view.text("ask.send")) << "</button></form>" << my_tickets(view)
      << "</section>";
  return out;
}

// Radio buttons from `low` to `high`, with words at both ends.
Html scale(const TrackingView& view, Markup name, int low, int high, bool required, std::string_view low_key,
           std::string_view high_key) {
  Html out;
  out << "<fieldset class=scale><legend>" << Text(view.text("survey." + std::string(name.text())))
      << "</legend><div class=choices>";
  for (int i = low; i <= high; ++i)
    out << "<label><input type=radio name=" << name << " value=" << Text(std::int64_t{i})
        << (required ? Markup(" required") : Markup("")) << "><span>" << Text(std::int64_t{i}) << "</span></label>";
  out << "</div><div class=ends><span>" << Text(view.text(low_key)) << "</span><span>" << Text(view.text(high_key))
      << "</span></div></fieldset>";
  return out;
}

Html survey_card(const TrackingView& view) {
  Html out;
  if (view.journey.survey_answered() || view.notice == "survey.thanks") {
    out << "<section class=card id=survey><h2>" << Text(view.text("survey.title"))
        << "</h2><p class=form-good role=status>" << icon("check") << Text(view.text("survey.thanks"))
        << "</p></section>";
    return out;
  }
  if (!view.journey.survey_open()) return out;
  out << "<section class=\"card survey\" id=survey data-keep><h2>" << Text(view.text("survey.title")) << "</h2>"
      << error_line(view.survey_error, "survey-error") << "<form method=post action=\"" << Text(view.address("/survey"))
      << "\">" << hidden_key(view, "survey")
      << scale(view, "recommend", 0, 10, true, "survey.recommend.low", "survey.recommend.high") << "<div class=three>"
      << scale(view, "product", 1, 5, false, "survey.low", "survey.high")
      << scale(view, "delivery", 1, 5, false, "survey.low", "survey.high")
      << scale(view, "information", 1, 5, false, "survey.low", "survey.high") << "</div><label for=remark>"
      << Text(view.text("survey.remark"))
      << "</label><textarea id=remark name=remark rows=3 maxlength=10000></textarea>"
      << "<button type=submit>" << Text(view.text("survey.send")) << "</button></form></section>";
  return out;
}

Html footer(const TrackingView& view) {
  Html out;
  out << "<footer class=\"foot muted small\"><p>" << Text(view.text("track.zone", {{"zone", zone_name(view.zone())}}));
  if (view.journey.has_updated_at())
    out << " "
        << Text(view.text("track.updated", {{"when", moment(view.journey.updated_at(), view.zone(), view.language)}}));
  out << "</p></footer>";
  return out;
}

}  // namespace

std::string TrackingView::address(std::string_view below) const {
  return "/t/" + http::percent_encode(link) + std::string(below) +
         (chosen_language.empty() ? "" : "?" + chosen_language);
}

http::Response tracking_page(const TrackingView& view) {
  PageFrame frame;
  frame.language = view.language;
  frame.title = headline(view);
  frame.address = "/t/" + http::percent_encode(view.link);
  frame.live = true;
  frame.actions << "<span class=live id=live hidden data-on=\"" << Text(view.text("track.live")) << "\" data-off=\""
                << Text(view.text("track.paused"))
                << "\"><span class=live-dot></span><span class=live-text></span></span>";
  frame.main << "<div id=journey data-events=\"" << Text(frame.address + "/events") << "\">" << hero(view)
             << steps(view) << "</div><p class=sr "
             << "role=status aria-live=polite id=announce data-text=\""
             << Text(view.text("track.changed", {{"headline", "{headline}"}}))
             << "\"></p><div class=columns><div class=column>" << survey_card(view) << "<div data-part=history>"
             << history_card(view) << "</div></div><div class=column><div data-part=promise>" << promise_card(view)
             << "</div><div data-part=units>" << units_card(view) << "</div><div data-part=documents>"
             << documents_card(view) << "</div>" << ask_card(view) << "</div></div>" << footer(view);
  return render(frame, view.status);
}

}  // namespace loomline::edge
