#include "loomline/demo/demo.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "loomline/demo/command.hpp"
#include "serve.hpp"

namespace loomline::cli {

void add_demo(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("demo", "Orders of real products from wish to survey, every outcome checked");
  const auto options = std::make_shared<demo::Options>();
  demo::add_options(*command, *options);
  command->footer(
      "Needs services that run with --clock topic, and a token of the role staff.\n"
      "Exit code 1: an expected outcome does not hold; it is named.\n"
      "Example:\n  loomline demo --product deploy/products/pc --product deploy/products/compressor --orders 20 --seed "
      "7");
  command->callback([&context, options] {
    context.action = [&context, options] {
      options->url = context.url;
      auto token = context.credential();
      if (!token.ok()) return context.fail(token.status());
      options->token = *token;
      return demo::run(*options, context.out);
    };
  });
}

}  // namespace loomline::cli
