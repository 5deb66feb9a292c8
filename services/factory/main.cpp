// The simulated factory as a process of its own; see README.md.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "loomline/factory/play.hpp"

namespace {
std::atomic<bool> stop{false};
}

int main(int argc, char** argv) {
  loomline::factory::PlayOptions options;
  CLI::App app("Plays plants and carriers of a running installation, seeded, until it is stopped (Ctrl-C)");
  app.add_option("--url", options.url, "The edge")->envname("LOOMLINE_URL")->capture_default_str();
  app.add_option("--token", options.token, "Bearer token of the role staff")->envname("LOOMLINE_TOKEN")->required();
  app.add_option("--plant", options.plant_ids, "Plant id, plt_...; once a plant")->required();
  app.add_option("--seed", options.seed, "Of everything that is drawn")->capture_default_str();
  app.add_option("--speed", options.speed, "Moves the topic clock by so many business seconds a second; 0: lets it be")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  app.add_option("--quantum", options.quantum_minutes,
                 "With --speed: the clock moves in multiples of so many minutes; 0: to what happens next")
      ->check(CLI::Range(0, 1440))
      ->capture_default_str();
  app.add_option("--ledger", options.ledger,
                 "Append what was told and answered to this file, a JSON object a line: to check an installation against");
  CLI11_PARSE(app, argc, argv);
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { stop = true; });
  const auto status = loomline::factory::play(options, stop);
  if (status.ok()) return EXIT_SUCCESS;
  std::cerr << "loomline-factory: " << status.to_string() << '\n';
  return EXIT_FAILURE;
}
