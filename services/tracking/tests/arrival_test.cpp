// The same facts come to the same bytes, whatever the order in which they arrive.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "history.hpp"
#include "loomline/tracking/service.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::test {
namespace {

// Any interleaving that keeps the order within each topic (they all have one key): what a broker may do.
std::vector<Said> interleaved(const std::vector<Said>& facts, std::mt19937& random) {
  std::map<std::string, std::vector<Said>> topics;
  for (const auto& said : facts) topics[said.topic].push_back(said);
  std::vector<Said> out;
  while (!topics.empty()) {
    auto topic = std::next(topics.begin(), static_cast<long>(random() % topics.size()));
    // Now and then a topic is far ahead of the others.
    const auto run = random() % 4 == 0 ? topic->second.size() : 1;
    for (std::size_t i = 0; i < run; ++i) out.push_back(topic->second[i]);
    topic->second.erase(topic->second.begin(), topic->second.begin() + static_cast<long>(run));
    if (topic->second.empty()) topics.erase(topic);
  }
  return out;
}

// The rule by which a headline stands, from what the journey itself shows.
production::v1::Milestone headline(const v1::Journey& journey) {
  auto last = production::v1::MILESTONE_UNSPECIFIED;
  for (const auto& one : journey.milestones()) {
    if (one.has_reached_at())
      last = one.milestone();
    else if (!wire::milestones().optional(one.milestone()))
      break;
  }
  return last;
}

// What counts pieces and milestones, without what tells when.
std::string counts(v1::Journey journey) {
  std::string text = production::v1::Milestone_Name(journey.milestone()) + " " + std::to_string(journey.quantity());
  for (const auto& one : journey.milestones())
    text += " " + std::to_string(one.milestone()) + ":" + std::to_string(one.quantity()) +
            (one.has_reached_at() ? "!" : "");
  std::map<std::string, std::string> units;
  for (const auto& line : journey.lines())
    for (const auto& unit : line.units())
      units[line.line_id() + "/" + unit.unit_id()] = std::to_string(unit.milestone()) + (unit.scrapped() ? "x" : "");
  for (const auto& [id, at] : units) text += " " + id + ":" + at;
  return text;
}

std::string bytes(const Journal& journal) {
  auto shown = journal.journey();
  shown.clear_revision();  // counts what was published, so it depends on the arrival
  return shown.SerializeAsString();
}

void expect_rising(const Journal& journal) {
  for (std::size_t i = 0; i < journal.published.size(); ++i) EXPECT_EQ(journal.published[i].revision(), i + 1);
  EXPECT_EQ(journal.state.revision(), journal.published.size());
}

TEST(Arrival, no_order_of_arrival_changes_the_journey) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    const auto history = random_life(seed);
    Journal straight;
    straight.hear(history.facts());
    ASSERT_EQ(straight.journey().anomalies_size(), 0) << straight.journey().anomalies(0);
    ASSERT_EQ(straight.journey().status(), v1::JOURNEY_STATUS_CLOSED) << "seed " << seed;
    std::mt19937 random(seed);
    for (int round = 0; round < 4; ++round) {
      auto order = history.facts();
      if (round % 2 == 0)
        order = interleaved(order, random);
      else
        std::shuffle(order.begin(), order.end(), random);
      Journal other;
      for (const auto& said : order) {
        static_cast<void>(other.hear(said));
        if (round > 1 && random() % 7 == 0) other.restart();
      }
      ASSERT_EQ(bytes(other), bytes(straight)) << "seed " << seed << " round " << round << "\n"
                                               << other.journey().DebugString();
      expect_rising(other);
      EXPECT_GE(other.published.back().revision(), 1U);
      EXPECT_EQ(other.stored(), straight.stored());
    }
  }
}

TEST(Arrival, hundreds_of_lives_come_out_the_same_for_every_order_of_arrival_over_topics) {
  for (std::uint32_t seed = 100; seed < 400; ++seed) {
    const auto history = random_life(seed);
    Journal straight;
    straight.hear(history.facts());
    std::mt19937 random(seed);
    Journal other;
    for (const auto& said : interleaved(history.facts(), random)) {
      static_cast<void>(other.hear(said));
      const auto journey = other.journey();
      ASSERT_EQ(journey.milestone(), headline(journey)) << "seed " << seed << "\n" << journey.DebugString();
    }
    ASSERT_EQ(bytes(other), bytes(straight)) << "seed " << seed << "\n" << other.journey().DebugString();
    ASSERT_EQ(other.stored(), straight.stored()) << "seed " << seed;
    ASSERT_EQ(other.journey().milestone(), production::v1::MILESTONE_DELIVERED) << "seed " << seed;
    expect_rising(other);
  }
}

TEST(Arrival, the_plan_before_the_order_it_plans_holds_up_no_headline) {
  for (std::uint32_t seed = 1; seed < 50; ++seed) {
    const auto history = random_life(seed);
    std::vector<Said> facts;
    std::copy_if(history.facts().begin(), history.facts().end(), std::back_inserter(facts),
                 [](const Said& said) { return said.topic != "loomline.intake.order"; });
    Journal without;
    without.hear(facts);
    EXPECT_EQ(without.journey().milestone(), production::v1::MILESTONE_DELIVERED) << "seed " << seed;
  }
}

// Facts are folded by the time that their sources recorded, and clocks of sources differ.
TEST(Arrival, clocks_that_differ_change_neither_the_headline_nor_the_counts) {
  for (std::uint32_t seed = 500; seed < 600; ++seed) {
    const auto history = random_life(seed);
    Journal straight, other;
    straight.hear(history.facts());
    std::mt19937 random(seed);
    std::map<std::string, Duration> ahead;
    auto facts = history.facts();
    for (auto& said : facts) {
      const auto [clock, added] = ahead.emplace(said.source, Duration(random() % 1000));
      said.recorded += clock->second;
    }
    other.hear(facts);
    ASSERT_EQ(counts(other.journey()), counts(straight.journey())) << "seed " << seed << "\n"
                                                                   << other.journey().DebugString();
    const auto journey = other.journey();
    ASSERT_EQ(journey.milestone(), headline(journey)) << "seed " << seed;
  }
}

TEST(Arrival, what_is_stored_is_the_same_too) {
  const auto history = random_life(7);
  Journal straight, reversed;
  straight.hear(history.facts());
  auto order = history.facts();
  std::reverse(order.begin(), order.end());
  reversed.hear(order);
  EXPECT_EQ(straight.stored(), reversed.stored());
  EXPECT_EQ(straight.state.passes_us(), reversed.state.passes_us());
}

TEST(Arrival, a_repeated_fact_changes_nothing) {
  const auto history = random_life(3);
  Journal journal;
  journal.hear(history.facts());
  const auto before = journal.state.SerializeAsString();
  for (const auto& said : history.facts()) {
    const auto verdict = journal.hear(said);
    EXPECT_EQ(verdict.kind(), eventing::Verdict::Kind::ignored);
  }
  EXPECT_EQ(journal.state.SerializeAsString(), before);
}

TEST(Arrival, nobody_is_told_of_an_order_whose_wish_was_not_heard) {
  History history;
  history.captured();
  history.placed(1, 1);
  history.scheduled(0, {"unt_1"});
  auto facts = history.facts();
  std::rotate(facts.begin(), facts.begin() + 2, facts.end());
  Journal journal;
  journal.hear(facts.front());
  EXPECT_TRUE(journal.published.empty());
  EXPECT_FALSE(domain::begun(*journal.snapshot()));
  for (std::size_t i = 1; i < facts.size(); ++i) journal.hear(facts[i]);
  expect_rising(journal);
  EXPECT_TRUE(domain::begun(*journal.snapshot()));
  for (const auto& told : journal.published) EXPECT_NE(told.status(), v1::JOURNEY_STATUS_UNSPECIFIED);
  Journal straight;
  straight.hear(history.facts());
  EXPECT_EQ(bytes(journal), bytes(straight));
}

// The floor scraps a unit while its inspection is decided.
TEST(Arrival, what_passes_after_it_was_scrapped_is_no_anomaly_and_counts_no_more) {
  History history;
  history.captured();
  history.placed(1, 1);
  history.scheduled(0, {"unt_1"});
  history.replaced(0, "unt_1", "unt_2");
  history.inspected(0, "unt_1", true);
  Journal journal;
  journal.hear(history.facts());
  EXPECT_EQ(journal.journey().anomalies_size(), 0) << journal.journey().anomalies(0);
  EXPECT_LT(journal.journey().milestone(), production::v1::MILESTONE_INSPECTED);
}

TEST(Arrival, a_late_fact_is_a_new_revision_with_its_entry) {
  History history;
  history.captured();
  history.placed(1, 1);
  history.scheduled(0, {"unt_1"});
  history.material(0);
  auto facts = history.facts();
  std::swap(facts[2], facts[3]);
  Journal journal;
  journal.hear(facts);
  expect_rising(journal);
  EXPECT_EQ(journal.published.back().entry().code(), "line_scheduled");
  EXPECT_EQ(journal.published.back().milestone(), production::v1::MILESTONE_MATERIAL_READY);
}

TEST(Arrival, stored_revisions_give_back_what_was_published) {
  const auto history = random_life(11);
  Journal journal;
  journal.hear(history.facts());
  const auto all = domain::progress_after(*journal.snapshot(), 0, 1'000'000);
  ASSERT_EQ(all.size(), journal.published.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].SerializeAsString(), journal.published[i].SerializeAsString()) << i;
  const auto some = domain::progress_after(*journal.snapshot(), 5, 3);
  ASSERT_EQ(some.size(), 3U);
  EXPECT_EQ(some[0].SerializeAsString(), journal.published[5].SerializeAsString());
}

TEST(Arrival, everything_that_is_folded_is_heard) {
  const auto service = make_service();
  const auto& heard = service.aggregates().at("journey")->events;
  for (const auto& type : domain::fact_types()) EXPECT_TRUE(heard.count("loomline." + type)) << type;
  EXPECT_TRUE(heard.count("loomline.scheduling.v1.MaterialReady")) << "shows as its contract says";
  EXPECT_FALSE(heard.count("loomline.tracking.v1.OrderProgressed")) << "its own word";
}

}  // namespace
}  // namespace loomline::tracking::test
