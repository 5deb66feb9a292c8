#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "loomline/tracking/v1/tracking.pb.h"
#include "progress.hpp"

namespace loomline::cli {
namespace {

int rebuild(const Context& context, const std::string& order_id) {
  tracking::v1::RebuildJourneyRequest request;
  request.set_order_id(order_id);
  Progress bar(context.err, context.progress_visible() && !context.json());
  bar.show(0, 1, "folding the stored facts again");
  const auto answer = context.call<tracking::v1::RebuildJourneyResponse>(
      "loomline.tracking.v1.TrackingService.RebuildJourney", request);
  bar.clear();
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  context.out << (*answer).orders() << " orders folded again, " << (*answer).changed() << " differed\n";
  return exit_ok;
}

}  // namespace

void add_journey(CLI::App& app, Context& context) {
  auto* journey = app.add_subcommand("journey", "The journeys that tracking keeps");
  journey->require_subcommand(1);
  auto* command = journey->add_subcommand("rebuild", "Fold the stored facts again; says how many journeys differed");
  const auto order = std::make_shared<std::string>();
  command->add_option("ORDER", *order, "Only this order; all where not given");
  command->footer("Nothing is published where nothing differs.\nExample:\n  loomline journey rebuild --timeout 600");
  command->callback([&context, order] { context.action = [&context, order] { return rebuild(context, *order); }; });
}

}  // namespace loomline::cli
