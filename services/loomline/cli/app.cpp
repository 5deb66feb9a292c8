#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "completion.hpp"

namespace loomline::cli {

std::unique_ptr<CLI::App> make_app(Context& context) {
  auto app = std::make_unique<CLI::App>("Loomline: from a customer's wish to a made product.", "loomline");
  app->require_subcommand(1);
  app->fallthrough();
  app->set_version_flag("--version", "loomline 0.1.0");
  app->footer(std::string("Begin with:\n"
                          "  loomline serve --help            start the services\n"
                          "  loomline model list              what can be ordered\n"
                          "  loomline quote --help            ask for a product\n") +
              exit_code_help);
  const std::string shared = "Shared by all commands";
  app->add_option("--url", context.url, "Where the edge listens")
      ->envname("LOOMLINE_URL")
      ->capture_default_str()
      ->group(shared);
  app->add_option("--token", context.token, "Bearer token; better in the environment or a file than in the history")
      ->envname("LOOMLINE_TOKEN")
      ->group(shared);
  app->add_option("--token-file", context.token_file, "File that holds the bearer token")
      ->envname("LOOMLINE_TOKEN_FILE")
      ->group(shared);
  app->add_option("--peer", context.peer, "HOST:PORT of an inner gRPC port, instead of the edge; needs no token")
      ->envname("LOOMLINE_PEER")
      ->group(shared);
  app->add_option("-o,--output", context.output, "table for people, json for programs")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str()
      ->group(shared);
  app->add_option("--idempotency-key", context.idempotency_key,
                  "Same key, same effect: a repeated command does nothing")
      ->group(shared);
  app->add_option("--timeout", context.timeout_seconds, "Seconds to wait for an answer")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str()
      ->group(shared);
  app->add_flag("--no-color", context.no_colour, "Plain text; so does the variable NO_COLOR")->group(shared);

  add_model(*app, context);
  add_quote(*app, context);
  add_order(*app, context);
  add_plan(*app, context);
  add_ticket(*app, context);
  add_token(*app, context);
  add_dead_letter(*app, context);
  add_chain(*app, context);
  add_journey(*app, context);
  add_topics(*app, context);
  add_completion(*app, context);
  return app;
}

int run(CLI::App& app, Context& context, int argc, const char* const* argv) {
  if (argc >= 2 && std::string_view(argv[1]) == completion_command) {
    for (const auto& word : candidates(app, {argv + 2, argv + argc})) context.out << word << '\n';
    return exit_ok;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, context.out, context.err) == 0 ? exit_ok : exit_usage;
  }
  try {
    return context.action ? context.action() : exit_usage;
  } catch (const std::exception& error) {
    return context.fail(internal(error.what()));
  }
}

}  // namespace loomline::cli
