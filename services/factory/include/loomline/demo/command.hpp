// The flags of `loomline demo`. Address and token are the command line's own shared flags.
#pragma once

#include "loomline/demo/demo.hpp"

namespace CLI {
class App;
}

namespace loomline::demo {

// Declares them on the subcommand; `options` must outlive the parsing.
void add_options(CLI::App& command, Options& options);

}  // namespace loomline::demo
