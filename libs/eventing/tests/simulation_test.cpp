// Lives of a small installation by seed: see tests/sim/box_simulation.hpp. LOOMLINE_SEED replays one and tells its
// history; LOOMLINE_SEEDS says how many others are tried, from LOOMLINE_FIRST_SEED on.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "src/faults.hpp"
#include "tests/sim/box_simulation.hpp"
#include "tests/sim/by_seed.hpp"

namespace loomline::eventing::sim {
namespace {

const Asked asked = asked_or_exit(300);

TEST(Simulation, FromASeed) {
  BoxSimulation life(asked.seed, {});
  const auto broken = life.run();
  if (broken || asked.replays)
    for (const auto& lines : {life.history(), life.holds()})
      for (const auto& line : lines) std::cout << line << '\n';
  EXPECT_FALSE(broken) << *broken << '\n' << replay_line(asked.seed);
}

// The same seed is the same life.
TEST(Simulation, IsDecidedByItsSeed) {
  BoxSimulation one(7, {}), other(7, {});
  EXPECT_EQ(one.run(), other.run());
  EXPECT_EQ(one.history(), other.history());
}

// LOOMLINE_SEED: that life alone.
TEST(Simulation, WithoutFaultsAllIsWell) {
  Lives lives(asked.replays ? asked.seed : 1, asked.replays ? 1 : std::min<std::uint64_t>(asked.count, 20));
  while (const auto seed = lives.next()) {
    const auto broken = BoxSimulation(*seed, {.faults = 0}).run();
    ASSERT_FALSE(broken) << *broken << '\n' << replay_line(*seed, "WithoutFaults");
  }
}

TEST(Simulation, NoSeedBreaksARule) {
  Lives lives(asked.first, asked.count);
  while (const auto seed = lives.next()) {
    const auto broken = BoxSimulation(*seed, {}).run();
    ASSERT_FALSE(broken) << *broken << '\n' << replay_line(*seed);
  }
}

// Found by the seeds before; what each was is told in the log of changes.
TEST(Simulation, NoSeedThatOnceBrokeARuleDoesSoAgain) {
  // A commit in doubt that was written while a lane read again for a gap: its event was applied twice.
  for (const std::uint64_t seed : {29'058}) {
    const auto broken = BoxSimulation(seed, {}).run();
    EXPECT_FALSE(broken) << *broken << '\n' << replay_line(seed);
  }
}

// A rule that finds nothing proves nothing: each of these mistakes must break one, by some seed.
struct Planted {
  faults::Bug bug;
  const char* name;
};
void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }
class PlantedBug : public ::testing::TestWithParam<Planted> {
 protected:
  void TearDown() override { planted::bug = faults::Bug::none; }
};

TEST_P(PlantedBug, BreaksARule) {
  planted::bug = GetParam().bug;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto broken = BoxSimulation(seed, {}).run();
    if (!broken) continue;
    const auto took = std::chrono::steady_clock::now() - begin;
    RecordProperty("seed", static_cast<int>(seed));
    std::cout << GetParam().name << ": seed " << seed << " after "
              << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms: " << *broken << '\n';
    return;
  }
  FAIL() << GetParam().name << " breaks no rule in 300 seeds";
}

using faults::Bug;
INSTANTIATE_TEST_SUITE_P(Each, PlantedBug,
                         ::testing::Values(Planted{Bug::no_compare_and_set, "no_compare_and_set"},
                                           Planted{Bug::publish_twice, "publish_twice"},
                                           Planted{Bug::skip_sequence, "skip_sequence"},
                                           Planted{Bug::answer_before_commit, "answer_before_commit"},
                                           Planted{Bug::lose_park, "lose_park"},
                                           Planted{Bug::time_before_cause, "time_before_cause"},
                                           Planted{Bug::forget_not_yet, "forget_not_yet"},
                                           Planted{Bug::ignore_idempotency, "ignore_idempotency"},
                                           Planted{Bug::watermark_ahead, "watermark_ahead"},
                                           Planted{Bug::resume_over_hole, "resume_over_hole"},
                                           Planted{Bug::apply_duplicates, "apply_duplicates"},
                                           Planted{Bug::pass_over_gaps, "pass_over_gaps"},
                                           Planted{Bug::timer_stays, "timer_stays"},
                                           Planted{Bug::keep_after_undo, "keep_after_undo"}),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace loomline::eventing::sim
