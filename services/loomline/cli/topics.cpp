#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "table.hpp"

namespace loomline::cli {
namespace {

int list(const Context& context) {
  const auto& catalog = eventing::topic_catalog();
  if (context.json()) return context.print(catalog), exit_ok;
  Table table({"TOPIC", "OWNER", "KEY", "KEPT", "EVENTS", "WHAT IT TELLS"});
  for (const auto& topic : catalog.topic()) {
    table.row({topic.name(), topic.owner(), topic.key_type() + "_",
               topic.retention_hours() == 0 ? "for ever" : std::to_string(topic.retention_hours()) + " h",
               std::to_string(topic.event_size()), topic.doc()});
  }
  table.print(context.out, context.colour());
  return exit_ok;
}

}  // namespace

void add_topics(CLI::App& app, Context& context) {
  auto* topics = app.add_subcommand("topics", "The topics of an installation");
  topics->require_subcommand(1);
  topics->add_subcommand("list", "Every topic that is declared")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
}

}  // namespace loomline::cli
