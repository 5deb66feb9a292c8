// What intake says.
#include <algorithm>

#include "domain/fact_table.hpp"
#include "loomline/intake/v1/events.pb.h"

namespace loomline::tracking::domain {
namespace {

using namespace intake::v1;      // NOLINT: the events, by name
using namespace production::v1;  // NOLINT: the milestones, by name

template <class Wishes>
std::int64_t pieces(const Wishes& wishes) {
  std::int64_t total = 0;
  for (const auto& wish : wishes) total += std::max<std::int64_t>(wish.quantity(), 1);
  return total;
}

void on(Folding& folding, const RequirementCaptured& event) {
  folding.become(v1::JOURNEY_STATUS_WISH);
  folding.head([&](Head& head) {
    head.wished = pieces(event.wishes());
    for (const auto& party : event.parties()) {
      if (party.role() != common::v1::PARTY_ROLE_SHIP_TO) continue;
      head.shown.set_country(party.country());
      head.shown.set_zone(party.zone());
    }
  });
  folding.reach(MILESTONE_RECEIVED);
  folding.entry("requirement_captured");
}
void on(Folding& folding, const ConfirmationAsked&) { folding.entry("confirmation_asked"); }
void on(Folding& folding, const RequirementConfirmed& event) {
  if (folding.fold.status() == v1::JOURNEY_STATUS_REFUSED) folding.become(v1::JOURNEY_STATUS_WISH);
  folding.head([&](Head& head) {
    head.shown.clear_refusal();
    if (event.wishes_size() > 0) head.wished = pieces(event.wishes());
  });
  folding.entry("requirement_confirmed");
}

// What is shown of a line; confirmed promises that were heard of before stay.
void fill(LineHead& head, const OrderLine& from) {
  auto& shown = head.shown;
  shown.set_line_id(from.line_id());
  *shown.mutable_product_name() = from.spec().product_name();
  shown.set_model_id(from.model_id());
  shown.set_quantity(from.quantity());
  *shown.mutable_features() = from.features();
  if (shown.plant_id().empty()) shown.set_plant_id(from.plant_id());
  if (shown.promise().revision() == 0 && from.has_promise()) *shown.mutable_promise() = from.promise();
  head.steps.clear();
  for (const auto& operation : from.spec().operations())
    head.steps.push_back(
        {operation.op_id(), operation.name(), operation.milestone(), operation.characteristic_ids_size() > 0});
}

// The lines of a quote take the place of an earlier quote's; those of an order keep what was heard of them already.
template <class Lines>
void set_lines(Folding& folding, const Lines& lines) {
  auto& fold = folding.fold;
  std::vector<std::shared_ptr<const Line>> next;
  for (const auto& from : lines) {
    const auto* known = folding.find_line(from.line_id());
    auto line = known == nullptr ? std::make_shared<Line>() : std::make_shared<Line>(*known);
    folding.head(*line, [&](LineHead& head) { fill(head, from); });
    next.push_back(std::move(line));
  }
  for (const auto& known : fold.lines)
    if (!known->units.empty() &&
        std::none_of(next.begin(), next.end(), [&](const auto& line) { return line->line_id() == known->line_id(); }))
      next.push_back(known);
  fold.lines = std::move(next);
}

void on(Folding& folding, const QuoteIssued& event) {
  if (folding.fold.status() == v1::JOURNEY_STATUS_REFUSED) folding.become(v1::JOURNEY_STATUS_WISH);
  std::erase_if(folding.fold.lines, [](const auto& line) { return line->units.empty(); });
  set_lines(folding, event.lines());
  folding.head([&](Head& head) {
    head.shown.clear_refusal();
    *head.shown.mutable_total_net() = event.total_net();
  });
  folding.entry("quote_issued");
}

common::v1::LocalizedText refusal(const QuoteRefused& event) {
  if (event.conflict().has_explanation()) return event.conflict().explanation();
  common::v1::LocalizedText text;
  std::string unknown;
  for (const auto& feature : event.unknown_features()) unknown += (unknown.empty() ? "" : ", ") + feature;
  if (event.answer() == configuration::v1::ANSWER_NEEDS_ENGINEERING) {
    text.set_en("This wish goes beyond the catalogue and needs engineering" + (unknown.empty() ? "." : ": " + unknown));
    text.set_zh("该需求超出产品目录，需要工程评估" + (unknown.empty() ? "。" : "：" + unknown));
  } else {
    text.set_en("This wish cannot be built" + (unknown.empty() ? "." : ": " + unknown));
    text.set_zh("该需求无法制造" + (unknown.empty() ? "。" : "：" + unknown));
  }
  return text;
}

void on(Folding& folding, const QuoteRefused& event) {
  folding.become(v1::JOURNEY_STATUS_REFUSED);
  folding.head([&](Head& head) { *head.shown.mutable_refusal() = refusal(event); });
  folding.entry("quote_refused")
      .set_reason(event.answer() == configuration::v1::ANSWER_NEEDS_ENGINEERING ? v1::CUSTOMER_REASON_NEEDS_ENGINEERING
                                                                                : v1::CUSTOMER_REASON_NOT_BUILDABLE);
  folding.internal_reason(configuration::v1::Answer_Name(event.answer()));
}

void on(Folding& folding, const OrderPlaced& event) {
  folding.become(v1::JOURNEY_STATUS_ACTIVE);
  set_lines(folding, event.lines());
  folding.head([&](Head& head) {
    *head.shown.mutable_total_net() = event.total_net();
    *head.shown.mutable_placed_at() = folding.at;
    if (!event.country().empty()) head.shown.set_country(event.country());
    if (!event.zone().empty()) head.shown.set_zone(event.zone());
  });
  folding.reach(MILESTONE_CONFIRMED);
  folding.entry("order_placed");
}
void on(Folding& folding, const OrderCancellationRequested& event) {
  folding.entry("cancellation_requested").set_reason(v1::CUSTOMER_REASON_CUSTOMER_WISH);
  folding.internal_reason(event.reason());
}
void on(Folding& folding, const OrderCancellationDeclined& event) {
  folding.entry("cancellation_declined");
  folding.internal_reason(event.reason());
}
void on(Folding& folding, const OrderCancelled& event) {
  folding.become(v1::JOURNEY_STATUS_CANCELLED);
  folding.entry("order_cancelled").set_reason(v1::CUSTOMER_REASON_CUSTOMER_WISH);
  folding.internal_reason(event.reason());
}
void on(Folding& folding, const OrderFulfilled&) {
  if (folding.fold.status() != v1::JOURNEY_STATUS_DELIVERED && folding.fold.status() != v1::JOURNEY_STATUS_CLOSED)
    folding.anomaly("not every unit is delivered");
  folding.entry("order_fulfilled");
}

void strip(RequirementCaptured& event) {
  for (auto& wish : *event.mutable_wishes()) wish.clear_choices();
  event.clear_external_refs();
  event.clear_text_subject_id();
}
void strip(ConfirmationAsked& event) { event.clear_questions(); }
void strip(RequirementConfirmed& event) {
  for (auto& wish : *event.mutable_wishes()) wish.clear_choices();
}
// Names and milestones of the operations are all that a journey shows of how a line is made.
void strip(OrderLine& line) {
  line.clear_price();
  auto& spec = *line.mutable_spec();
  spec.clear_bom();
  spec.clear_characteristics();
  for (auto& operation : *spec.mutable_operations()) {
    operation.clear_predecessors();
    operation.clear_equipment_class();
    operation.clear_operator_class();
    operation.clear_setup_seconds();
    operation.clear_run_seconds();
  }
}
void strip(QuoteIssued& event) {
  for (auto& line : *event.mutable_lines()) strip(line);
}
void strip(OrderPlaced& event) {
  for (auto& line : *event.mutable_lines()) strip(line);
  event.clear_parties();
}
void strip(QuoteRefused& event) {
  event.clear_repairs();
  event.mutable_conflict()->clear_choices();
  event.mutable_conflict()->clear_rules();
}

}  // namespace

void add_intake_facts(FactTable& table) {
  table.add<RequirementCaptured>(on, strip);
  table.add<ConfirmationAsked>(on, strip);
  table.add<RequirementConfirmed>(on, strip);
  table.add<QuoteIssued>(on, strip);
  table.add<QuoteRefused>(on, strip);
  table.add<OrderPlaced>(on, strip);
  table.add<OrderCancellationRequested>(on);
  table.add<OrderCancellationDeclined>(on);
  table.add<OrderCancelled>(on);
  table.add<OrderFulfilled>(on);
}

}  // namespace loomline::tracking::domain
