// What the contract of an event declares about how it shows in a journey.
#include "domain/fact_table.hpp"

namespace loomline::tracking::domain {
namespace {

using google::protobuf::FieldDescriptor;

const FieldDescriptor* text_field(const Message& event, const char* name) {
  const auto* field = event.GetDescriptor()->FindFieldByName(name);
  return field && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING ? field : nullptr;
}

// Empty where the event has no such field.
std::string text(const Message& event, const char* name) {
  const auto* field = text_field(event, name);
  return field && !field->is_repeated() ? event.GetReflection()->GetString(event, field) : std::string();
}

std::vector<std::string> unit_ids(const Message& event) {
  std::vector<std::string> ids;
  if (const auto* field = text_field(event, "unit_ids"); field && field->is_repeated())
    for (int i = 0; i < event.GetReflection()->FieldSize(event, field); ++i)
      ids.push_back(event.GetReflection()->GetRepeatedString(event, field, i));
  if (auto id = text(event, "unit_id"); !id.empty()) ids.push_back(std::move(id));
  return ids;
}

void reach_unit(Folding& folding, const std::string& line_id, const std::string& unit_id, Milestone milestone) {
  if (!line_id.empty()) {
    auto& line = folding.line(line_id);
    if (const auto* unit = folding.unit(line, unit_id)) folding.reach(line, *unit, milestone);
    return;
  }
  const auto [line, unit] = folding.find_unit(unit_id);
  if (unit == nullptr) return folding.anomaly("unit " + unit_id + " was not scheduled");
  folding.reach(*line, *unit, milestone);
}

void reach_all(Folding& folding, Line& line, Milestone milestone) {
  const auto units = line.units;  // as they were: the line's own change on the way
  for (const auto entry : units)
    if (!entry.value->scrapped) folding.reach(line, *entry.value, milestone);
}

void reach(Folding& folding, const Message& event, Milestone milestone) {
  const auto line_id = text(event, "line_id");
  const auto units = unit_ids(event);
  for (const auto& unit_id : units) reach_unit(folding, line_id, unit_id, milestone);
  if (!units.empty()) return;
  if (line_id.empty()) return folding.reach(milestone);
  reach_all(folding, folding.line(line_id), milestone);
}

}  // namespace

void show(Folding& folding, const Message& event) {
  const auto& shown = event.GetDescriptor()->options().GetExtension(v1::shown);
  if (shown.milestone() != production::v1::MILESTONE_UNSPECIFIED) reach(folding, event, shown.milestone());
  if (shown.entry().empty()) return;
  auto& entry = folding.entry(shown.entry());
  entry.set_line_id(text(event, "line_id"));
  entry.set_unit_id(text(event, "unit_id"));
  entry.set_setback(shown.setback());
}

}  // namespace loomline::tracking::domain
