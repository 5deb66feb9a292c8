#include "loomline/demo/demo.hpp"

#include <algorithm>
#include <fstream>
#include <ostream>

#include "runner.hpp"

namespace loomline::demo {

namespace {

int give_up(std::ostream& out, const char* when, const Status& status) {
  out << "\nThe demo cannot go on " << when << ": " << status.to_string()
      << "\n  Look at the installation's log; it must run on the topic clock, and the token must be of the role "
         "staff.\n"
      << std::flush;
  return 4;
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.flush();
  return file.good();
}

const Outcome* a_delivered_one(const Summary& summary) {
  const auto found = std::find_if(summary.outcomes.begin(), summary.outcomes.end(), [](const Outcome& outcome) {
    return outcome.plan.ending == Ending::surveyed && outcome.problem.empty();
  });
  return found == summary.outcomes.end() ? nullptr : &*found;
}

}  // namespace

int run(const Options& options, std::ostream& out) {
  Runner runner(options, out);
  if (auto status = runner.prepare(); !status.ok()) return give_up(out, "at its start", status);
  const auto played = runner.play();
  // What can still be said is said, even where the run broke off.
  auto summary = runner.judge_all();
  if (!played.ok()) return give_up(out, "on its way", played);
  if (!summary.ok()) return give_up(out, "at its end", summary.status());
  runner.print_end(*summary);
  if (!options.summary_file.empty() && !write_file(options.summary_file, to_json(*summary))) {
    out << "The summary could not be written to " << options.summary_file << "\n";
    return 1;
  }
  if (const auto* example = a_delivered_one(*summary))
    out << "\nan order's page   " << example->tracking_url << "\nthe same, watched loomline order watch "
        << example->order_id << "\n";
  out << (summary->holds() ? "\nEvery expected outcome holds.\n" : "\nSome expected outcomes do NOT hold.\n")
      << std::flush;
  return summary->holds() ? 0 : 1;
}

}  // namespace loomline::demo
