#include "serve.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "loomline/host/process.hpp"
#include "targets.hpp"

namespace loomline::cli {

void add_serve(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("serve", "Run the services: all in one process, or some of them");
  struct Flags {
    host::Config config;
    std::string target = "all";
  };
  const auto flags = std::make_shared<Flags>();
  command
      ->add_option("--target", flags->target,
                   "all, or names separated by commas: intake, configuration, scheduling, quality, aftersales, "
                   "tracking, edge")
      ->envname("LOOMLINE_TARGET")
      ->capture_default_str();
  host::add_options(*command, flags->config);
  command->footer(
      "SIGTERM stops in order: no new calls, those under way end, events are flushed, partitions given back.\n"
      "Examples:\n"
      "  eval \"$(deploy/local env)\" && loomline serve                    all, on a local stack\n"
      "  loomline serve --target=intake --grpc 0.0.0.0:7101 \\\n"
      "      --peer configuration=10.0.0.2:7102 --peer scheduling=10.0.0.3:7103");
  command->callback([&context, flags, command] {
    context.action = [&context, flags, command] {
      if (auto status = host::read_config_file(*command, flags->config); !status.ok()) return context.fail(status);
      auto chosen = cli::targets(flags->target);
      if (!chosen.ok()) return context.fail(chosen.status());
      return host::run(flags->config, std::move((*chosen).services), std::move((*chosen).fronts), (*chosen).name);
    };
  });
}

}  // namespace loomline::cli
