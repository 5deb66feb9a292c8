// The end of a run: what was expected against what is.
#include <algorithm>
#include <iomanip>
#include <ostream>

#include "runner.hpp"

namespace loomline::demo {

namespace {

Check at_least(std::string name, std::size_t least, std::size_t actual) {
  return {std::move(name), "at least " + std::to_string(least), std::to_string(actual), actual >= least};
}
Check exactly(std::string name, std::int64_t expected, std::int64_t actual) {
  return {std::move(name), std::to_string(expected), std::to_string(actual), expected == actual};
}

std::string seconds_text(double seconds) {
  std::string text = std::to_string(seconds);
  return text.substr(0, text.find('.') + 2) + " s";
}

}  // namespace

Result<Summary> Runner::judge_all() {
  auto rest = quiet_->settle(now_);
  if (!rest.ok()) return rest.status();
  Summary summary;
  summary.seed = options_.seed;
  summary.business_start = start_;
  summary.business_end = now_;
  summary.totals = factory_->totals();
  for (const auto& live : orders_) {
    tracking::v1::GetJourneyRequest request;
    request.set_order_id(live->order_id);
    auto answer =
        staff_->call<tracking::v1::GetJourneyResponse>("loomline.tracking.v1.TrackingService.GetJourney", request);
    if (!answer.ok()) return answer.status();
    const auto failed = summary.totals.failed_by_order.find(live->order_id);
    auto outcome = judge(live->plan, answer->journey(), live->conflict,
                         failed == summary.totals.failed_by_order.end() ? 0 : failed->second);
    outcome.order_id = live->order_id;
    outcome.product = products_[live->plan.product].package.model_id();
    outcome.tracking_url = live->tracking_url;
    summary.outcomes.push_back(std::move(outcome));
  }
  std::sort(summary.outcomes.begin(), summary.outcomes.end(),
            [](const Outcome& a, const Outcome& b) { return a.plan.number < b.plan.number; });
  add_checks(summary, *rest);
  summary.http_calls = staff_->calls() + mes_->calls() + portal_->calls();
  summary.clock_moves = clock_moves_;
  summary.wall_seconds = options_.wall;
  summary.wall_seconds["run"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  summary.memory = memory_->peak();
  return summary;
}

void Runner::add_checks(Summary& summary, const factory::Rest& rest) const {
  auto& checks = summary.checks;
  checks.push_back(
      exactly("orders placed", static_cast<std::int64_t>(story_.size()), static_cast<std::int64_t>(orders_.size())));
  checks.push_back(exactly("new dead letters", 0, rest.dead_letters - dead_letters_before_));
  checks.push_back(exactly("events that still wait", 0, rest.events_waiting));
  // A handful of orders need not meet every accident of the story.
  if (options_.orders < 20) return;
  checks.push_back(at_least("breakdowns", 1, summary.totals.breakdowns));
  checks.push_back(at_least("failed inspections that were reworked", 1, summary.totals.inspections_failed));
}

void Runner::print_end(const Summary& summary) const {
  auto& out = *out_;
  out << "\n";
  std::map<std::string, std::pair<std::size_t, std::size_t>> endings;  // as expected, in all
  for (const auto& outcome : summary.outcomes) {
    auto& ending = endings[std::string(name(outcome.plan.ending))];
    ending.first += outcome.problem.empty() ? 1 : 0;
    ++ending.second;
  }
  out << "outcome                  as expected\n";
  for (const auto& [ending, counts] : endings)
    out << "  " << std::left << std::setw(22) << ending << std::right << std::setw(4) << counts.first << " of "
        << counts.second << "\n";
  for (const auto& check : summary.checks)
    out << "  " << std::left << std::setw(38) << check.name << std::right << check.actual
        << (check.holds ? "" : "   EXPECTED " + check.expected) << "\n";
  constexpr int kMostProblems = 10;
  int shown = 0;
  for (const auto& outcome : summary.outcomes)
    if (!outcome.problem.empty() && ++shown <= kMostProblems)
      out << "  PROBLEM " << outcome.plan.label << " " << outcome.order_id << ": " << outcome.problem << "\n";
  if (shown > kMostProblems) out << "  ... and " << shown - kMostProblems << " more\n";
  out << "\nbusiness time " << format_rfc3339(summary.business_start) << " to " << format_rfc3339(summary.business_end)
      << "\n"
      << summary.totals.operations_ended << " operations, " << summary.totals.inspections << " inspections ("
      << summary.totals.inspections_failed << " failed), " << summary.totals.shipments_delivered << " deliveries, "
      << summary.totals.breakdowns << " breakdown(s), " << summary.http_calls << " HTTP calls\nfingerprint "
      << fingerprint(summary.outcomes).substr(0, 16) << "  (the same for the same seed on empty stores)\n";
  for (const auto& [phase, seconds] : summary.wall_seconds) out << phase << " " << seconds_text(seconds) << "  ";
  if (summary.memory.total_kib > 0) out << " peak memory " << summary.memory.total_kib / 1024 << " MiB";
  out << "\n" << std::flush;
}

}  // namespace loomline::demo
