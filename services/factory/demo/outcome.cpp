#include "outcome.hpp"

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/enum_name.hpp"

namespace loomline::demo {

namespace {

using tracking::v1::Journey;

std::string status_name(const Journey& journey) { return wire::short_name(journey.status()); }
std::string milestone_name(production::v1::Milestone milestone) { return wire::short_name(milestone); }

std::pair<std::string, std::string> window_of(const scheduling::v1::Promise& promise) {
  if (!promise.has_window()) return {};
  return {format_rfc3339(wire::to_time(promise.window().earliest())),
          format_rfc3339(wire::to_time(promise.window().latest()))};
}

std::string actual_of(const PlannedOrder& plan, const Journey& journey) {
  switch (journey.status()) {
    case tracking::v1::JOURNEY_STATUS_REFUSED:
      return "refused";
    case tracking::v1::JOURNEY_STATUS_CANCELLED:
      return "cancelled";
    case tracking::v1::JOURNEY_STATUS_CLOSED:
      if (!journey.survey_answered()) return "closed without a survey";
      return plan.ending == Ending::cancellation_refused ? "cancellation_refused" : "surveyed";
    default:
      return status_name(journey) + "/" + milestone_name(journey.milestone());
  }
}

std::string problem_of(const Outcome& outcome, const Journey& journey, const std::string& conflict,
                       std::size_t failed_inspections) {
  if (outcome.actual != name(outcome.plan.ending))
    return "expected " + std::string(name(outcome.plan.ending)) + ", is " + outcome.actual;
  if (outcome.plan.ending == Ending::refused) return conflict.empty() ? "refused without a named conflict" : "";
  if (outcome.plan.ending == Ending::cancelled) return {};
  if (!journey.has_delivered_at()) return "surveyed but never delivered";
  if (!journey.certificate_available()) return "delivered without a certificate";
  if (journey.operations_total() == 0 || journey.operations_done() != journey.operations_total())
    return "delivered with " + std::to_string(journey.operations_done()) + " of " +
           std::to_string(journey.operations_total()) + " operations done";
  if (outcome.setbacks < failed_inspections)
    return std::to_string(failed_inspections) + " inspections failed, but its history tells of " +
           std::to_string(outcome.setbacks) + " steps back";
  return {};
}

}  // namespace

bool has_ended(tracking::v1::JourneyStatus status) {
  switch (status) {
    case tracking::v1::JOURNEY_STATUS_REFUSED:
    case tracking::v1::JOURNEY_STATUS_CANCELLED:
    case tracking::v1::JOURNEY_STATUS_CLOSED:
      return true;
    default:
      return false;
  }
}

Outcome judge(const PlannedOrder& plan, const Journey& journey, const std::string& conflict,
              std::size_t failed_inspections) {
  Outcome out;
  out.plan = plan;
  out.order_id = journey.order_id();
  out.actual = actual_of(plan, journey);
  for (const auto& progress : journey.milestones())
    if (progress.has_reached_at())
      out.stages.push_back(
          {milestone_name(progress.milestone()), format_rfc3339(wire::to_time(progress.reached_at()))});
  for (const auto& line : journey.lines()) {
    out.first_window = window_of(line.first_promise());
    out.last_window = window_of(line.promise());
    out.promise_revisions = std::max(out.promise_revisions, line.promise().revision());
  }
  out.setbacks = static_cast<std::size_t>(std::count_if(journey.entries().begin(), journey.entries().end(),
                                                        [](const auto& entry) { return entry.setback(); }));
  out.late = journey.late();
  out.problem = problem_of(out, journey, conflict, failed_inspections);
  return out;
}

std::string fingerprint(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> lines;
  for (const auto& outcome : outcomes) {
    std::string line = outcome.plan.label + "|" + outcome.product + "|" + outcome.actual + "|" +
                       outcome.first_window.first + "|" + outcome.first_window.second + "|" +
                       outcome.last_window.first + "|" + outcome.last_window.second;
    for (const auto& stage : outcome.stages) line += "|" + stage.name + "=" + stage.at;
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return sha256_hex(text);
}

}  // namespace loomline::demo
