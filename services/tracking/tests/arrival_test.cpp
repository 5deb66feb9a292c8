// The same facts come to the same bytes, whatever the order in which they arrive.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "history.hpp"
#include "loomline/tracking/service.hpp"

namespace loomline::tracking::test {
namespace {

// Any interleaving that keeps each source's own order: what a broker may do.
std::vector<Said> interleaved(const std::vector<Said>& facts, std::mt19937& random) {
  std::map<std::string, std::vector<Said>> sources;
  for (const auto& said : facts) sources[said.source].push_back(said);
  std::vector<Said> out;
  while (!sources.empty()) {
    auto source = std::next(sources.begin(), static_cast<long>(random() % sources.size()));
    out.push_back(source->second.front());
    source->second.erase(source->second.begin());
    if (source->second.empty()) sources.erase(source);
  }
  return out;
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
