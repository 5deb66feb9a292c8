// The commands that need the services themselves.
#pragma once

#include "cli/context.hpp"

namespace CLI {
class App;
}

namespace loomline::cli {

void add_serve(CLI::App& app, Context& context);
void add_demo(CLI::App& app, Context& context);

}  // namespace loomline::cli
