#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "serve.hpp"

int main(int argc, char** argv) {
  loomline::cli::Context context(std::cout, std::cerr);
  const auto app = loomline::cli::make_app(context);
  loomline::cli::add_serve(*app, context);
#ifdef LOOMLINE_WITH_DEMO
  loomline::cli::add_demo(*app, context);
#endif
  return loomline::cli::run(*app, context, argc, argv);
}
