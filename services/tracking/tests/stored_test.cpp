// Journeys as they are stored: those of before there were parts, those read again from their rows, and large ones.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "domain/folded.hpp"
#include "history.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/tracking/service.hpp"

namespace loomline::tracking::test {
namespace {

// The first half of random_life(3), as the version before there were parts stored it, all in one message.
class OldJourney : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(LOOMLINE_SOURCE_DIR "/services/tracking/tests/journey_before_parts.pb", std::ios::binary);
    ASSERT_TRUE(old.state.ParseFromIstream(&file));
    ASSERT_EQ(old.state.old_facts_size(), static_cast<int>(half()));
    old.restart();
    for (std::size_t i = 0; i < half(); ++i) static_cast<void>(straight.hear(life.facts()[i]));
  }
  std::size_t half() const { return life.facts().size() / 2; }
  std::string bytes(const Journal& journal) { return journal.journey().SerializeAsString(); }
  const History life = random_life(3);
  Journal old, straight;
};

TEST_F(OldJourney, is_read_as_it_is) {
  EXPECT_EQ(bytes(old), bytes(straight));
  EXPECT_EQ(domain::listed(*old.snapshot()).SerializeAsString(), domain::listed(straight.state).SerializeAsString());
  const auto told = domain::progress_after(*old.snapshot(), 3, 1000);
  ASSERT_EQ(told.size(), straight.published.size() - 3);
  for (std::size_t i = 0; i < told.size(); ++i)
    EXPECT_EQ(told[i].SerializeAsString(), straight.published[i + 3].SerializeAsString());
}

TEST_F(OldJourney, becomes_parts_with_the_next_fact_and_loses_nothing) {
  for (std::size_t i = half(); i < life.facts().size(); ++i) {
    static_cast<void>(old.hear(life.facts()[i]));
    static_cast<void>(straight.hear(life.facts()[i]));
    ASSERT_EQ(old.state.old_facts_size() + old.state.old_revisions_size(), 0);
    ASSERT_EQ(old.stored(), straight.stored());
    ASSERT_EQ(bytes(old), bytes(straight));
  }
  EXPECT_LT(old.state.ByteSizeLong(), 1000U);
  const auto told = domain::progress_after(*old.snapshot(), 0, 1000);
  ASSERT_EQ(told.size(), straight.published.size());
  for (std::size_t i = 0; i < told.size(); ++i)
    EXPECT_EQ(told[i].SerializeAsString(), straight.published[i].SerializeAsString());
}

TEST_F(OldJourney, takes_a_late_fact_and_knows_those_that_it_has) {
  EXPECT_EQ(old.hear(life.facts()[2]).kind(), eventing::Verdict::Kind::ignored);
  // The others come in reverse.
  for (std::size_t i = life.facts().size(); i-- > half();) {
    static_cast<void>(old.hear(life.facts()[i]));
    static_cast<void>(straight.hear(life.facts()[i]));
  }
  EXPECT_EQ(old.stored(), straight.stored());
}

TEST_F(OldJourney, is_rebuilt_without_saying_anything) {
  const auto done = old.rebuild();
  ASSERT_TRUE(done.ok());
  EXPECT_FALSE(done->changed());
  EXPECT_TRUE(old.published.empty());
  EXPECT_EQ(old.stored(), straight.stored());
}

TEST(Stored, a_restart_at_any_point_changes_nothing_that_is_said) {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    const auto life = random_life(seed);
    eventing::testing::Harness steady(make_service(), start), restarted(make_service(), start);
    std::mt19937 random(seed);
    for (const auto& said : life.facts()) {
      steady.deliver(*said.event, said.source, said.id);
      restarted.deliver(*said.event, said.source, said.id);
      if (random() % 3 == 0) restarted.restart();
    }
    const auto shown = [](eventing::testing::Harness& harness) {
      return domain::journey(*harness.snapshot("main", "journey", "ord_1").value()).SerializeAsString();
    };
    EXPECT_EQ(shown(steady), shown(restarted));
    ASSERT_EQ(steady.published().size(), restarted.published().size());
    for (std::size_t i = 0; i < steady.published().size(); ++i)
      EXPECT_EQ(steady.published()[i]->SerializeAsString(), restarted.published()[i]->SerializeAsString());
  }
}

// What another process added is followed, whether it sorts last or not.
TEST(Stored, what_is_derived_follows_facts_that_others_added) {
  const auto life = random_life(6);
  Journal journal;
  std::unique_ptr<eventing::Derived> early;
  std::vector<std::string> names;
  std::mt19937 random(6);
  for (const auto& said : life.facts()) {
    if (random() % 2 == 0) static_cast<void>(journal.hear(said));
  }
  early = journal.derived->copy();
  const auto known = journal.stored();
  journal.hear(life.facts());
  eventing::PartsView<state::v1::Fact> facts(journal.parts);
  facts.each([&](const std::string& name, const state::v1::Fact& fact) {
    if (known.find(fact.id()) == std::string::npos) names.push_back(name);
  });
  ASSERT_FALSE(names.empty());
  auto& followed = static_cast<domain::Folded&>(*early);
  followed.follow(names, facts);
  eventing::Snapshot snapshot(std::make_shared<domain::State>(journal.state), journal.parts, early->copy(), 1);
  EXPECT_EQ(domain::journey(snapshot).SerializeAsString(), journal.journey().SerializeAsString());
}

class LargeJourney : public testing::Test {
 protected:
  static constexpr int pieces = 1200;
  void SetUp() override {
    std::vector<std::string> units;
    for (int i = 0; i < pieces; ++i) units.push_back("unt_" + std::to_string(i));
    history.captured();
    history.placed(1, pieces);
    history.scheduled(0, units);
    for (const auto& unit : units) history.operation(0, unit, "make", production::v1::OPERATION_STATE_RUNNING);
    journal.hear(history.facts());
  }
  History history;
  Journal journal;
};

TEST_F(LargeJourney, is_shown_in_parts_with_totals) {
  auto shown = journal.journey();
  EXPECT_EQ(shown.entries_total(), pieces + 3U);
  ASSERT_EQ(shown.entries_size(), 1000);
  EXPECT_EQ(shown.entries(999).unit_id(), "unt_1199") << "the newest, oldest first";
  EXPECT_EQ(shown.lines(0).units_total(), pieces + 0U);
  ASSERT_EQ(shown.lines(0).units_size(), 1000);
  EXPECT_EQ(shown.lines(0).units(0).unit_id(), "unt_0");
  shown = journal.journey({.entries_before = shown.entries_total() - 999, .units_after = 1000});
  ASSERT_EQ(shown.entries_size(), 203);
  EXPECT_EQ(shown.entries(0).code(), "requirement_captured");
  EXPECT_EQ(shown.entries(202).unit_id(), "unt_199");
  ASSERT_EQ(shown.lines(0).units_size(), 200);
  EXPECT_EQ(shown.lines(0).units(0).unit_id(), "unt_1000");
}

TEST_F(LargeJourney, keeps_and_says_little_of_a_fact) {
  EXPECT_LT(journal.state.ByteSizeLong(), 1000U);
  EXPECT_LT(journal.published.back().ByteSizeLong(), 500U);
  EXPECT_EQ(journal.published.back().milestones(4).quantity(), pieces);
  EXPECT_EQ(journal.published.back().milestone(), production::v1::MILESTONE_IN_PRODUCTION);
}

}  // namespace
}  // namespace loomline::tracking::test
