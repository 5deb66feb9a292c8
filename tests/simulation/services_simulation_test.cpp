// Lives of Loomline by seed: see life.hpp. LOOMLINE_SEED replays one and tells its history; LOOMLINE_SEEDS says how many
// others are tried, from LOOMLINE_FIRST_SEED on.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "life.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::simulation {
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

TEST(ServicesSimulation, FromASeed) {
  const auto seed = number("LOOMLINE_SEED", 1);
  Life life(seed);
  const auto broken = life.run();
  if (broken || std::getenv("LOOMLINE_SEED") != nullptr)
    for (const auto& lines : {life.history(), life.holds()})
      for (const auto& line : lines) std::cout << line << '\n';
  EXPECT_FALSE(broken) << *broken << '\n' << replay_line(seed);
}

// The same seed is the same life.
TEST(ServicesSimulation, IsDecidedByItsSeed) {
  Life one(7), other(7);
  EXPECT_EQ(one.run(), other.run());
  EXPECT_EQ(one.history(), other.history());
  EXPECT_EQ(one.holds(), other.holds());
}

TEST(ServicesSimulation, WithoutFaultsAllIsWell) {
  auto plan = Life::kPlan;
  plan.faults = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto broken = Life(seed, plan).run();
    ASSERT_FALSE(broken) << *broken;
  }
}

TEST(ServicesSimulation, NoSeedBreaksARule) {
  const auto first = number("LOOMLINE_FIRST_SEED", 1);
  const auto count = number("LOOMLINE_SEEDS", 200);
  std::map<std::string, int> said;
  for (auto seed = first; seed < first + count; ++seed) {
    Life life(seed);
    const auto broken = life.run();
    ASSERT_FALSE(broken) << *broken << '\n' << replay_line(seed);
    for (const auto& [type, times] : life.ledger().counts()) said[type] += times;
  }
  for (const auto& [type, times] : said) std::cout << type << ": " << times << '\n';
}

}  // namespace
}  // namespace loomline::simulation
