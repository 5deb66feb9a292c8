#include "loomline/demo/command.hpp"

#include <CLI/CLI.hpp>

namespace loomline::demo {

namespace {

// NAME=NUMBER, as often as wanted.
template <class Number>
void add_pairs(CLI::App& command, const char* flag, const char* what, std::map<std::string, Number>& into) {
  command.add_option_function<std::vector<std::string>>(
      flag,
      [flag, &into](const std::vector<std::string>& pairs) {
        for (const auto& pair : pairs) {
          const auto equals = pair.find('=');
          Number number{};
          if (equals == std::string::npos || !CLI::detail::lexical_cast(pair.substr(equals + 1), number))
            throw CLI::ValidationError(flag, "'" + pair + "' is not NAME=NUMBER");
          into[pair.substr(0, equals)] = number;
        }
      },
      what);
}

}  // namespace

void add_options(CLI::App& command, Options& options) {
  command.description(
      "Real orders from wish to survey on a running installation with the topic clock: publishes the products, places "
      "orders, plays plants, carriers and customers, and checks every outcome. deploy/demo calls it.");
  command.add_option("--product", options.products, "Folder of a product and its plant; once a product")
      ->required()
      ->check(CLI::ExistingDirectory);
  command.add_option("--orders", options.orders, "Orders that can be built")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command.add_option("--invalid", options.invalid, "Orders that cannot be built")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Of everything that is drawn")->capture_default_str();
  command.add_option("--summary", options.summary_file, "Write the outcome of every order as JSON");
  command.add_option("--quantum", options.quantum_minutes, "Minutes: the business clock moves in multiples of it")
      ->check(CLI::Range(1, 1440))
      ->capture_default_str();
  add_pairs<double>(command, "--wall", "PHASE=SECONDS that others took before: install, build", options.wall);
  add_pairs<int>(command, "--process", "NAME=PID whose memory is watched, with its children", options.processes);
}

}  // namespace loomline::demo
