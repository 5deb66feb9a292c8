// Every command adds itself to the application: one function a family, one file each.
#pragma once

#include <memory>

#include "context.hpp"

namespace CLI {
class App;
}

namespace loomline::cli {

void add_model(CLI::App& app, Context& context);
void add_quote(CLI::App& app, Context& context);
void add_order(CLI::App& app, Context& context);
void add_plan(CLI::App& app, Context& context);
void add_ticket(CLI::App& app, Context& context);
void add_token(CLI::App& app, Context& context);
void add_dead_letter(CLI::App& app, Context& context);
void add_chain(CLI::App& app, Context& context);
void add_journey(CLI::App& app, Context& context);
void add_topics(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);

// The whole application without `serve` and `demo`, which need every service linked in.
std::unique_ptr<CLI::App> make_app(Context& context);

// Parses and runs; gives the exit code.
int run(CLI::App& app, Context& context, int argc, const char* const* argv);

}  // namespace loomline::cli
