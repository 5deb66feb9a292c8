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
  auto& fold = folding.fold;
  folding.become(v1::JOURNEY_STATUS_WISH);
  fold.set_wished(pieces(event.wishes()));
  for (const auto& party : event.parties()) {
    if (party.role() != common::v1::PARTY_ROLE_SHIP_TO) continue;
    fold.set_country(party.country());
    fold.set_zone(party.zone());
  }
  folding.reach(MILESTONE_RECEIVED);
  folding.entry("requirement_captured");
}
void on(Folding& folding, const ConfirmationAsked&) { folding.entry("confirmation_asked"); }
void on(Folding& folding, const RequirementConfirmed& event) {
  if (folding.fold.status() == v1::JOURNEY_STATUS_REFUSED) folding.become(v1::JOURNEY_STATUS_WISH);
  folding.fold.clear_refusal();
  if (event.wishes_size() > 0) folding.fold.set_wished(pieces(event.wishes()));
  folding.entry("requirement_confirmed");
}

// What is shown of a line; units and confirmed promises that were heard of before stay.
void fill(state::v1::Line& line, const OrderLine& from) {
  line.set_line_id(from.line_id());
  *line.mutable_product_name() = from.spec().product_name();
  line.set_model_id(from.model_id());
  line.set_quantity(from.quantity());
  *line.mutable_features() = from.features();
  if (line.plant_id().empty()) line.set_plant_id(from.plant_id());
  if (line.promise().revision() == 0 && from.has_promise()) *line.mutable_promise() = from.promise();
  line.clear_steps();
  for (const auto& operation : from.spec().operations()) {
    auto& step = *line.add_steps();
    step.set_op_id(operation.op_id());
    *step.mutable_name() = operation.name();
    step.set_milestone(operation.milestone());
    step.set_measured(operation.characteristic_ids_size() > 0);
  }
}

// The lines of a quote take the place of an earlier quote's; those of an order keep what was heard of them already.
template <class Lines>
void set_lines(Folding& folding, const Lines& lines) {
  google::protobuf::RepeatedPtrField<state::v1::Line> next;
  for (const auto& from : lines) {
    auto& line = *next.Add();
    for (const auto& known : folding.fold.lines())
      if (known.line_id() == from.line_id()) line = known;
    fill(line, from);
  }
  for (const auto& known : folding.fold.lines())
    if (known.units_size() > 0 && std::none_of(next.begin(), next.end(), [&](const state::v1::Line& line) {
          return line.line_id() == known.line_id();
        }))
      *next.Add() = known;
  folding.fold.mutable_lines()->Swap(&next);
}

void on(Folding& folding, const QuoteIssued& event) {
  if (folding.fold.status() == v1::JOURNEY_STATUS_REFUSED) folding.become(v1::JOURNEY_STATUS_WISH);
  folding.fold.clear_refusal();
  folding.fold.clear_lines();
  set_lines(folding, event.lines());
  *folding.fold.mutable_total_net() = event.total_net();
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
  *folding.fold.mutable_refusal() = refusal(event);
  folding.entry("quote_refused")
      .set_reason(event.answer() == configuration::v1::ANSWER_NEEDS_ENGINEERING ? v1::CUSTOMER_REASON_NEEDS_ENGINEERING
                                                                                : v1::CUSTOMER_REASON_NOT_BUILDABLE);
  folding.internal_reason(configuration::v1::Answer_Name(event.answer()));
}

void on(Folding& folding, const OrderPlaced& event) {
  auto& fold = folding.fold;
  folding.become(v1::JOURNEY_STATUS_ACTIVE);
  set_lines(folding, event.lines());
  *fold.mutable_total_net() = event.total_net();
  *fold.mutable_placed_at() = folding.at;
  if (!event.country().empty()) fold.set_country(event.country());
  if (!event.zone().empty()) fold.set_zone(event.zone());
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
