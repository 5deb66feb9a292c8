#include "summary.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace loomline::demo {

namespace {

namespace json = boost::json;

json::object order_json(const Outcome& outcome) {
  json::array stages;
  for (const auto& stage : outcome.stages) stages.push_back(json::object{{"stage", stage.name}, {"at", stage.at}});
  json::object out{{"order_id", outcome.order_id},
                   {"label", outcome.plan.label},
                   {"tracking_link", outcome.tracking_url},
                   {"product", outcome.product},
                   {"quantity", outcome.plan.quantity},
                   {"country", outcome.plan.place.country},
                   {"expected", std::string(name(outcome.plan.ending))},
                   {"actual", outcome.actual},
                   {"as_expected", outcome.problem.empty()},
                   {"stages", std::move(stages)},
                   {"late", outcome.late},
                   {"promise_revisions", outcome.promise_revisions},
                   {"setbacks", outcome.setbacks}};
  const auto window = [](const auto& pair) { return json::object{{"earliest", pair.first}, {"latest", pair.second}}; };
  if (!outcome.first_window.first.empty()) {
    out["first_promise"] = window(outcome.first_window);
    out["last_promise"] = window(outcome.last_window);
  }
  if (!outcome.problem.empty()) out["problem"] = outcome.problem;
  return out;
}

json::object totals_json(const Summary& summary) {
  json::object out{{"orders", summary.outcomes.size()}};
  std::map<std::string, std::size_t> by_ending;
  for (const auto& outcome : summary.outcomes) ++by_ending[outcome.actual];
  for (const auto& [ending, count] : by_ending) out[ending] = count;
  const auto late = std::count_if(summary.outcomes.begin(), summary.outcomes.end(),
                                  [](const Outcome& outcome) { return outcome.late; });
  out["late"] = late;
  out["work_orders_accepted"] = summary.totals.work_orders_accepted;
  out["work_orders_rejected"] = summary.totals.work_orders_rejected;
  out["operations_ended"] = summary.totals.operations_ended;
  out["inspections"] = summary.totals.inspections;
  out["inspections_failed"] = summary.totals.inspections_failed;
  out["breakdowns"] = summary.totals.breakdowns;
  out["shipments_delivered"] = summary.totals.shipments_delivered;
  out["reports_ignored"] = summary.totals.reports_ignored;
  out["http_calls"] = summary.http_calls;
  out["clock_moves"] = summary.clock_moves;
  return out;
}

}  // namespace

bool Summary::holds() const {
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.holds; }) &&
         std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) { return outcome.problem.empty(); });
}

std::string to_json(const Summary& summary) {
  json::array orders;
  for (const auto& outcome : summary.outcomes) orders.push_back(order_json(outcome));
  json::array checks;
  for (const auto& check : summary.checks)
    checks.push_back(json::object{
        {"name", check.name}, {"expected", check.expected}, {"actual", check.actual}, {"holds", check.holds}});
  json::object wall;
  for (const auto& [phase, seconds] : summary.wall_seconds) wall[phase] = seconds;
  json::object memory{{"total_mib", summary.memory.total_kib / 1024}};
  for (const auto& [process, kib] : summary.memory.each_kib) memory[process + "_mib"] = kib / 1024;
  const json::object out{{"seed", summary.seed},
                         {"holds", summary.holds()},
                         {"fingerprint", fingerprint(summary.outcomes)},
                         {"business_start", format_rfc3339(summary.business_start)},
                         {"business_end", format_rfc3339(summary.business_end)},
                         {"totals", totals_json(summary)},
                         {"checks", std::move(checks)},
                         {"wall_seconds", std::move(wall)},
                         {"peak_memory", std::move(memory)},
                         {"orders", std::move(orders)}};
  return json::serialize(out) + "\n";
}

}  // namespace loomline::demo
