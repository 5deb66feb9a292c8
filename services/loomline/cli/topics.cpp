#include "loomline/eventing/topics.hpp"

#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "loomline/common/v1/topics.pb.h"
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

int create(const Context& context, const eventing::Options& options) {
  if (auto status = eventing::create_topics(options); !status.ok()) return context.fail(status);
  if (!context.json()) {
    context.out << "all " << eventing::topic_catalog().topic_size() << " topics are there, with " << options.partitions
                << " partitions each\n";
  }
  return exit_ok;
}

}  // namespace

void add_topics(CLI::App& app, Context& context) {
  auto* topics = app.add_subcommand("topics", "The topics of an installation");
  topics->require_subcommand(1);
  topics->add_subcommand("list", "Every topic that is declared")->callback([&context] {
    context.action = [&context] { return list(context); };
  });

  auto* command = topics->add_subcommand("create", "Create the topics that are missing");
  const auto options = std::make_shared<eventing::Options>();
  command->add_option("--kafka", options->kafka, "Bootstrap servers, HOST:PORT[,...]")
      ->envname("LOOMLINE_KAFKA")
      ->required();
  command->add_option("--installation", options->installation, "Prefix of the topics")
      ->envname("LOOMLINE_INSTALLATION");
  command->add_option("--partitions", options->partitions, "The installation's one partition count")
      ->envname("LOOMLINE_PARTITIONS")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->footer("Services create their own topics at start; this is for brokers where they may not.");
  command->callback(
      [&context, options] { context.action = [&context, options] { return create(context, *options); }; });
}

}  // namespace loomline::cli
