#include "pages/journey_parts.hpp"

#include <algorithm>
#include <vector>

#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"
#include "pages/dates.hpp"

namespace loomline::edge {
namespace {

using namespace tracking::v1;  // NOLINT: the journey's messages, by name
using production::v1::Milestone;

bool over(const Journey& journey) {
  return journey.status() == JOURNEY_STATUS_REFUSED || journey.status() == JOURNEY_STATUS_CANCELLED;
}

bool arrived(const Journey& journey) {
  return journey.status() == JOURNEY_STATUS_DELIVERED || journey.status() == JOURNEY_STATUS_CLOSED;
}

// A promise that was confirmed: a quote's has revision 0.
bool confirmed(const scheduling::v1::Promise& promise) { return promise.revision() > 0 && promise.has_window(); }

bool moved(const JourneyLine& line) {
  return confirmed(line.promise()) && line.promise().revision() != line.first_promise().revision();
}

Html pill(const char* kind, const std::string& text) {
  Html out;
  out << "<span class=\"pill " << Text(std::string(kind)) << "\">" << Text(text) << "</span>";
  return out;
}

Html pills(const JourneyView& view) {
  const auto& journey = view.journey;
  Html out;
  const bool open = !over(journey) && !arrived(journey);
  if (over(journey) || arrived(journey) || journey.status() == JOURNEY_STATUS_WISH)
    out << pill(arrived(journey) ? "good" : "neutral", view.text("status." + std::to_string(journey.status())));
  const bool promised = std::any_of(journey.lines().begin(), journey.lines().end(),
                                    [](const auto& line) { return confirmed(line.promise()); });
  const bool changed = std::any_of(journey.lines().begin(), journey.lines().end(), moved);
  if (journey.late() && !over(journey)) {
    out << pill("bad", view.text("pill.late"));
  } else if (open && promised) {
    out << (changed ? pill("warn", view.text("pill.moved")) : pill("good", view.text("pill.on_time")));
  }
  if (open && !journey.hold_ids().empty()) out << pill("warn", view.text("pill.held"));
  return out;
}

// The last of the lines' windows is the order's.
const scheduling::v1::Promise* governing(const Journey& journey) {
  const scheduling::v1::Promise* out = nullptr;
  for (const auto& line : journey.lines()) {
    const bool later = out == nullptr || line.promise().window().latest().seconds() > out->window().latest().seconds();
    if (line.promise().has_window() && later) out = &line.promise();
  }
  return out;
}

std::string window_text(const JourneyView& view, const scheduling::v1::Promise& promise) {
  const std::string& zone = promise.zone().empty() ? view.zone() : promise.zone();
  return days(promise.window().earliest(), promise.window().latest(), zone, view.language);
}

Html expected(const JourneyView& view) {
  const auto& journey = view.journey;
  Html out;
  if (over(journey)) return out;
  out << "<div class=expected><span class=label>";
  if (journey.has_delivered_at()) {
    out << Text(view.text("track.delivered_on")) << "</span><strong>"
        << Text(day(journey.delivered_at(), view.zone(), view.language)) << "</strong>";
  } else if (const auto* promise = governing(journey)) {
    const bool ships = promise->milestone() == Milestone::MILESTONE_SHIPPED;
    out << Text(view.text(ships ? "track.expected.ship" : "track.expected")) << "</span><strong>"
        << Text(window_text(view, *promise)) << "</strong>";
  } else {
    out << Text(view.text("track.expected")) << "</span><span>" << Text(view.text("track.no_promise")) << "</span>";
  }
  out << "</div>";
  return out;
}

std::string products(const JourneyView& view) {
  std::string out;
  for (const auto& line : view.journey.lines()) {
    const std::string name = local_text(line.product_name(), view.language);
    if (!out.empty()) out += view.language == Language::zh ? "、" : ", ";
    out += name.empty() ? line.model_id() : name;
  }
  return out.empty() ? view.text("track.title") : out;
}

std::string entry_text(const JourneyView& view, const JourneyEntry& entry) {
  const std::string detail = local_text(entry.detail(), view.language);
  const std::string key = "entry." + entry.code();
  if (!has_text(view.language, key)) return entry.code();
  return view.text(key, {{"detail", detail.empty() ? view.text("entry.operation") : detail}});
}

std::string reason_text(const JourneyView& view, CustomerReason reason) {
  return reason == CUSTOMER_REASON_UNSPECIFIED ? std::string() : view.text("reason." + std::to_string(reason));
}

Html entry_item(const JourneyView& view, const JourneyEntry& entry) {
  Html out;
  out << "<li" << (entry.setback() ? Markup(" class=setback") : Markup("")) << "><span class=mark>"
      << (entry.setback() ? icon("back") : Html()) << "</span><div><p class=what>";
  if (entry.setback()) out << "<span class=sr>" << Text(view.text("history.step_back")) << ": </span>";
  out << Text(entry_text(view, entry)) << "</p>";
  // A refusal says it itself, and its explanation stands above.
  const auto reason = entry.code() == "quote_refused" ? std::string() : reason_text(view, entry.reason());
  if (!reason.empty()) out << "<p class=why>" << Text(reason) << "</p>";
  out << "<time datetime=\"" << Text(machine_time(entry.occurred_at())) << "\">"
      << Text(moment(entry.occurred_at(), view.zone(), view.language)) << "</time></div></li>";
  return out;
}

// Operations are many: they stand behind "show all".
bool is_detail(const JourneyEntry& entry) {
  const std::string& code = entry.code();
  return !entry.setback() &&
         (code.starts_with("operation_") || code == "inspection_requested" || code == "unit_completed");
}

Html step_item(const JourneyView& view, const MilestoneProgress& progress, bool now) {
  Html out;
  const bool done = progress.has_reached_at();
  const std::string state = done ? "done" : now ? "now" : "todo";
  out << "<li class=" << Text(state) << (now ? Markup(" aria-current=step") : Markup("")) << "><span class=dot>"
      << (done ? icon("check") : Html()) << "</span><span class=step-text><span class=name>"
      << Text(view.text(milestone_key("milestone.", progress.milestone()))) << "</span><span class=sr> ("
      << Text(view.text("milestone." + state)) << ")</span><span class=when>";
  if (done)
    out << Text(day(progress.reached_at(), view.zone(), view.language));
  else if (progress.quantity() > 0 && view.journey.quantity() > 1)
    out << Text(view.text("track.of_pieces", {{"n", std::to_string(progress.quantity())},
                                              {"all", std::to_string(view.journey.quantity())}}));
  out << "</span></span></li>";
  return out;
}

Html revisions(const JourneyView& view, const std::string& line_id) {
  Html items;
  for (const auto& entry : view.journey.entries()) {
    if (entry.code() != "promise_revised" || entry.line_id() != line_id) continue;
    items << "<li" << (entry.setback() ? Markup(" class=setback") : Markup("")) << ">"
          << Text(day(entry.occurred_at(), view.zone(), view.language)) << " · "
          << Text(entry.reason() == CUSTOMER_REASON_UNSPECIFIED ? entry_text(view, entry)
                                                                : reason_text(view, entry.reason()))
          << "</li>";
  }
  Html out;
  if (!items.empty())
    out << "<h3>" << Text(view.text("promise.revisions")) << "</h3><ul class=revisions>" << items << "</ul>";
  return out;
}

Html promise_of(const JourneyView& view, const JourneyLine& line, bool several) {
  Html out;
  if (!line.promise().has_window()) return out;
  if (several) out << "<h3>" << Text(local_text(line.product_name(), view.language)) << "</h3>";
  const bool first_known = confirmed(line.first_promise());
  out << "<dl class=facts>";
  if (first_known)
    out << "<div><dt>" << Text(view.text("promise.first")) << "</dt><dd"
        << (moved(line) ? Markup(" class=was") : Markup("")) << ">" << Text(window_text(view, line.first_promise()))
        << "</dd></div>";
  if (!first_known || moved(line))
    out << "<div><dt>" << Text(view.text("promise.now")) << "</dt><dd>" << Text(window_text(view, line.promise()))
        << "</dd></div>";
  out << "</dl>";
  if (arrived(view.journey)) {
    out << "<p class=muted>" << Text(view.text(view.journey.late() ? "promise.was_late" : "promise.kept")) << "</p>";
  } else {
    if (first_known && !moved(line)) out << "<p class=muted>" << Text(view.text("promise.unchanged")) << "</p>";
    const auto permille = line.promise().probability_permille();
    if (permille > 0)
      out << "<p class=muted>" << Text(view.text("promise.sure", {{"percent", std::to_string(permille / 10)}}))
          << "</p>";
  }
  out << revisions(view, line.line_id());
  return out;
}

Html unit_item(const JourneyView& view, const JourneyUnit& unit, int number) {
  Html out;
  out << "<li" << (unit.scrapped() ? Markup(" class=scrapped") : Markup(""))
      << "><span class=unit-id><span class=unit-name>"
      << Text(view.text("units.piece", {{"n", std::to_string(number)}})) << "</span>";
  if (!unit.serial().empty())
    out << "<span class=\"muted small\">" << Text(view.text("units.serial")) << " <code>" << Text(unit.serial())
        << "</code></span>";
  out << "</span>";
  if (unit.scrapped())
    out << pill("neutral", view.text("units.replaced"));
  else if (unit.held())
    out << pill("warn", view.text("units.held"));
  else
    out << pill(wire::milestones().reached(unit.milestone(), Milestone::MILESTONE_DELIVERED) ? "good" : "plain",
                view.text(milestone_key("milestone.", unit.milestone())));
  out << "</li>";
  return out;
}

}  // namespace

std::string local_text(const common::v1::LocalizedText& text, Language language) {
  return language == Language::zh && !text.zh().empty() ? text.zh() : text.en();
}

std::string short_id(std::string_view id) {
  static constexpr std::size_t kShown = 8;
  return std::string(id.size() > kShown ? id.substr(id.size() - kShown) : id);
}

std::string pieces(const JourneyView& view, std::int64_t quantity) {
  return quantity == 1 ? view.text("track.piece") : view.text("track.pieces", {{"n", std::to_string(quantity)}});
}

std::string milestone_key(std::string_view prefix, Milestone milestone) {
  const auto shown = milestone == Milestone::MILESTONE_UNSPECIFIED ? Milestone::MILESTONE_RECEIVED : milestone;
  return std::string(prefix) + std::to_string(shown);
}

std::string headline(const JourneyView& view) {
  switch (view.journey.status()) {
    case JOURNEY_STATUS_WISH:
      return view.text("headline.wish");
    case JOURNEY_STATUS_REFUSED:
      return view.text("headline.refused");
    case JOURNEY_STATUS_CANCELLED:
      return view.text("headline.cancelled");
    case JOURNEY_STATUS_DELIVERED:
    case JOURNEY_STATUS_CLOSED:
      return view.text("headline.delivered");
    default:
      return view.text(milestone_key("headline.m", view.journey.milestone()));
  }
}

Html hero(const JourneyView& view) {
  const auto& journey = view.journey;
  Html out;
  out << "<section class=\"hero card\" data-revision=\"" << Text(static_cast<std::int64_t>(journey.revision()))
      << "\"><div class=hero-text><p class=eyebrow>" << Text(products(view));
  if (journey.quantity() > 0) out << " · " << Text(pieces(view, journey.quantity()));
  out << "</p><h1>" << Text(headline(view)) << "</h1><p class=pills>" << pills(view) << "</p>";
  if (journey.has_refusal())
    out << "<p class=refusal><strong>" << Text(view.text("track.refused")) << "</strong> "
        << Text(local_text(journey.refusal(), view.language)) << "</p>";
  out << "<p class=\"muted small\"><span title=\"" << Text(journey.order_id()) << "\">"
      << Text(view.text("track.order", {{"id", short_id(journey.order_id())}})) << "</span>";
  if (journey.has_placed_at())
    out << " · "
        << Text(view.text("track.ordered_on", {{"day", day(journey.placed_at(), view.zone(), view.language)}}));
  out << "</p></div>" << expected(view) << "</section>";
  return out;
}

Html steps(const JourneyView& view) {
  const auto& journey = view.journey;
  Html out;
  if (over(journey) || journey.milestones().empty()) return out;
  out << "<section class=\"card progress\"><h2 class=sr>" << Text(view.text("track.progress"))
      << "</h2><ol class=steps>";
  bool current_seen = false;
  for (const auto& progress : journey.milestones()) {
    const bool now = !current_seen && !progress.has_reached_at();
    current_seen = current_seen || now;
    out << step_item(view, progress, now);
  }
  out << "</ol>";
  if (journey.operations_total() > 0 && !arrived(journey)) {
    const std::string done = std::to_string(journey.operations_done());
    const std::string all = std::to_string(journey.operations_total());
    out << "<div class=meter><progress max=\"" << Text(all) << "\" value=\"" << Text(done) << "\" aria-label=\""
        << Text(view.text("track.progress")) << "\"></progress><span class=\"muted small\">"
        << Text(view.text("track.operations", {{"done", done}, {"all", all}})) << "</span></div>";
  }
  out << "</section>";
  return out;
}

Html promise_card(const JourneyView& view) {
  Html lines;
  const bool several = view.journey.lines_size() > 1;
  for (const auto& line : view.journey.lines()) lines << promise_of(view, line, several);
  Html out;
  if (lines.empty() || over(view.journey)) return out;
  out << "<section class=card><h2>" << Text(view.text("promise.title")) << "</h2>" << lines << "</section>";
  return out;
}

Html units_card(const JourneyView& view) {
  static constexpr int kShown = 12;
  Html out;
  for (const auto& line : view.journey.lines()) {
    if (line.units().empty() && line.features().empty()) continue;
    out << "<section class=card><h2>" << Text(local_text(line.product_name(), view.language)) << "</h2>";
    if (!line.units().empty()) {
      out << "<ul class=units>";
      for (int i = 0; i < std::min(kShown, line.units_size()); ++i) out << unit_item(view, line.units(i), i + 1);
      out << "</ul>";
      // An answer holds the first of many units, and says how many there are.
      const auto total = std::max<std::int64_t>(line.units_total(), line.units_size());
      if (total > kShown) out << "<p class=\"muted small\">+ " << Text(total - kShown) << "</p>";
    }
    if (!line.features().empty()) {
      out << "<details><summary>" << Text(view.text("features.title")) << "</summary><ul class=tags>";
      for (const auto& feature : line.features()) out << "<li>" << Text(feature) << "</li>";
      out << "</ul></details>";
    }
    out << "</section>";
  }
  return out;
}

Html history_card(const JourneyView& view) {
  // The journey is in the order in which facts were recorded; people read when things happened.
  std::vector<JourneyEntry> entries(view.journey.entries().begin(), view.journey.entries().end());
  std::stable_sort(entries.begin(), entries.end(), [](const JourneyEntry& a, const JourneyEntry& b) {
    return wire::to_time(a.occurred_at()) < wire::to_time(b.occurred_at());
  });
  Html main;
  Html all;
  std::size_t shown = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const Html item = entry_item(view, *entry);
    all << item;
    if (is_detail(*entry)) continue;
    main << item;
    ++shown;
  }
  Html out;
  out << "<section class=\"card history\"><h2>" << Text(view.text("history.title")) << "</h2>";
  if (entries.empty()) out << "<p class=muted>" << Text(view.text("history.none")) << "</p>";
  out << "<ol class=timeline>" << main << "</ol>";
  // An answer holds the newest of many entries, and says how many there are.
  const auto there = std::to_string(entries.size()), total = std::to_string(view.journey.entries_total());
  const auto more = view.journey.entries_total() > entries.size()
                        ? view.text("history.newest", {{"n", there}, {"total", total}})
                        : view.text("history.more", {{"n", there}});
  if (shown < entries.size())
    out << "<details><summary>" << Text(more) << "</summary><ol class=timeline>" << all << "</ol></details>";
  out << "</section>";
  return out;
}

}  // namespace loomline::edge
