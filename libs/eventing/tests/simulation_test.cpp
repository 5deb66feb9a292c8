// Lives of a small installation by seed: see tests/sim/simulation.hpp. LOOMLINE_SEED replays one and tells its history;
// LOOMLINE_SEEDS says how many others are tried, from LOOMLINE_FIRST_SEED on.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "loomline/telemetry/log.hpp"
#include "tests/sim/simulation.hpp"

namespace loomline::eventing::sim {
namespace {

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What the kernel logs of thousands of faults would bury what is told.
void quieten() {
  telemetry::LogOptions options;
  options.level = std::getenv("LOOMLINE_SEED") != nullptr ? telemetry::Level::warn : telemetry::Level::off;
  telemetry::configure_logging(options);
}
const bool quiet = (quieten(), true);

TEST(Simulation, FromASeed) {
  const auto seed = number("LOOMLINE_SEED", 1);
  Simulation life(seed, {});
  const auto broken = life.run();
  if (broken || std::getenv("LOOMLINE_SEED") != nullptr)
    for (const auto& lines : {life.history(), life.holds()})
      for (const auto& line : lines) std::cout << line << '\n';
  EXPECT_FALSE(broken) << *broken << '\n' << replay_line(seed);
}

// The same seed is the same life.
TEST(Simulation, IsDecidedByItsSeed) {
  Simulation one(7, {}), other(7, {});
  EXPECT_EQ(one.run(), other.run());
  EXPECT_EQ(one.history(), other.history());
}

TEST(Simulation, WithoutFaultsAllIsWell) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto broken = Simulation(seed, {.faults = 0}).run();
    ASSERT_FALSE(broken) << *broken;
  }
}

TEST(Simulation, NoSeedBreaksARule) {
  const auto first = number("LOOMLINE_FIRST_SEED", 1);
  const auto count = number("LOOMLINE_SEEDS", 300);
  for (auto seed = first; seed < first + count; ++seed) {
    const auto broken = Simulation(seed, {}).run();
    ASSERT_FALSE(broken) << *broken << '\n' << replay_line(seed);
  }
}

}  // namespace
}  // namespace loomline::eventing::sim
