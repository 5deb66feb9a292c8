// What is asked of a test program of lives by seed, as it is read; and how a life is said to be run again.
#include "tests/sim/by_seed.hpp"

#include <gtest/gtest.h>

#include <map>

namespace loomline::eventing::sim {
namespace {

Asked asked_with(const std::map<std::string, std::string>& variables) {
  return read_asked(
      [&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      300);
}

TEST(BySeed, WhatIsNotSetIsLeftAsItIs) {
  const auto asked = asked_with({});
  EXPECT_EQ(asked.wrong, "");
  EXPECT_FALSE(asked.replays);
  EXPECT_EQ(asked.seed, 1U);
  EXPECT_EQ(asked.first, 1U);
  EXPECT_EQ(asked.count, 300U);
}

TEST(BySeed, WholeNumbersAreTaken) {
  const auto asked =
      asked_with({{"LOOMLINE_SEED", "0"}, {"LOOMLINE_SEEDS", "1"}, {"LOOMLINE_FIRST_SEED", "18446744073709551615"}});
  EXPECT_EQ(asked.wrong, "");
  EXPECT_TRUE(asked.replays);
  EXPECT_EQ(asked.seed, 0U);
  EXPECT_EQ(asked.count, 1U);
  EXPECT_EQ(asked.first, std::numeric_limits<std::uint64_t>::max());
}

TEST(BySeed, AnythingElseIsRefusedWithItsNameAndValue) {
  for (const std::string name : {"LOOMLINE_SEED", "LOOMLINE_SEEDS", "LOOMLINE_FIRST_SEED"})
    for (const std::string value : {"abc", "-1", "+1", "", " 1", "1 ", "3x", "1e3", "0x10", "99999999999999999999999"})
      EXPECT_TRUE(asked_with({{name, value}}).wrong.starts_with(name + "=" + value + ": must be a whole number"))
          << name << "='" << value << "': " << asked_with({{name, value}}).wrong;
  EXPECT_EQ(asked_with({{"LOOMLINE_SEEDS", "0"}}).wrong,
            "LOOMLINE_SEEDS=0: must be a whole number from 1 to 18446744073709551615; for example LOOMLINE_SEEDS=300");
}

TEST(BySeed, SeedsEndWhereNumbersDo) {
  const std::string last = "18446744073709551615";
  EXPECT_TRUE(asked_with({{"LOOMLINE_FIRST_SEED", last}}).wrong.starts_with("LOOMLINE_FIRST_SEED=" + last + ": "));
  EXPECT_EQ(asked_with({{"LOOMLINE_SEEDS", last}}).wrong, "");
  EXPECT_NE(asked_with({{"LOOMLINE_SEEDS", last}, {"LOOMLINE_FIRST_SEED", "2"}}).wrong, "");
}

TEST(BySeed, AReplayHasTheMistakeAndTheProgram) {
  EXPECT_EQ(replay_words(43, nullptr, "/a/b_test", "FromASeed"),
            "replay with: LOOMLINE_SEED=43 /a/b_test --gtest_filter='*FromASeed*'");
  EXPECT_EQ(replay_words(43, "timer_stays", "/a b/it's", "Well"),
            "replay with: LOOMLINE_PLANTED=timer_stays LOOMLINE_SEED=43 '/a b/it'\\''s' --gtest_filter='*Well*'");
}

TEST(BySeed, LivesAreTriedOnceEachToTheLastNumber) {
  Lives lives(std::numeric_limits<std::uint64_t>::max() - 1, 2);
  EXPECT_EQ(lives.next(), std::numeric_limits<std::uint64_t>::max() - 1);
  EXPECT_EQ(lives.next(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(lives.next(), std::nullopt);
}

}  // namespace
}  // namespace loomline::eventing::sim
