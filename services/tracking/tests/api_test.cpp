// The queries and the commands, over the harness.
#include <gtest/gtest.h>

#include <set>

#include "api/journey_api.hpp"
#include "history.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/tracking/service.hpp"

namespace loomline::tracking::test {
namespace {

class JourneyApiTest : public testing::Test {
 protected:
  void hear(const History& history) {
    for (const auto& said : history.facts()) harness.deliver(*said.event, said.source, said.id);
  }
  // An order whose window ends `hours` after the start.
  void make(const std::string& order, int hours) {
    History history(order);
    history.captured();
    history.placed(1, 1);
    history.scheduled(0, {"unt_1"});
    history.promise(0, 1, std::chrono::hours(hours));
    for (const auto& said : history.facts()) harness.deliver(*said.event, said.source, order + "/" + said.id);
  }
  v1::Journey get(const std::string& order) {
    v1::GetJourneyRequest request;
    request.set_order_id(order);
    return queries.get("main", request).value().journey();
  }
  eventing::testing::Harness harness{make_service(), start};
  api::JourneyApi queries{harness, harness};
};

TEST_F(JourneyApiTest, gives_a_journey_and_publishes_its_changes) {
  make("ord_a", 100);
  EXPECT_EQ(get("ord_a").milestone(), production::v1::MILESTONE_SCHEDULED);
  EXPECT_EQ(get("ord_a").revision(), 4U);
  EXPECT_EQ(harness.take().size(), 4U);
}

TEST_F(JourneyApiTest, an_order_is_unknown_until_its_wish_is_heard) {
  History history("ord_a");
  history.captured();
  history.placed(1, 1);
  history.scheduled(0, {"unt_1"});
  const auto facts = history.facts();
  const auto say = [&](const Said& said) { harness.deliver(*said.event, said.source, "ord_a/" + said.id); };
  v1::GetJourneyRequest request;
  request.set_order_id("ord_a");
  say(facts.back());
  EXPECT_EQ(queries.get("main", request).status().reason(), "ORDER_UNKNOWN");
  say(facts.front());
  EXPECT_EQ(get("ord_a").status(), v1::JOURNEY_STATUS_WISH);
}

TEST_F(JourneyApiTest, says_what_is_wrong_with_the_question) {
  v1::GetJourneyRequest request;
  EXPECT_EQ(queries.get("main", request).status().violations().at(0).field, "order_id");
  request.set_order_id("ord_none");
  EXPECT_EQ(queries.get("main", request).status().code(), Code::not_found);
  v1::ListJourneysRequest list;
  list.mutable_page()->set_page_size(501);
  EXPECT_EQ(queries.list("main", list).status().violations().at(0).field, "page.page_size");
}

TEST_F(JourneyApiTest, an_order_becomes_late_when_its_window_passes) {
  make("ord_a", 100);
  make("ord_b", 200);
  harness.take();
  harness.advance_to(start + std::chrono::hours(150));
  EXPECT_TRUE(get("ord_a").late());
  EXPECT_FALSE(get("ord_b").late());
  const auto said = harness.take();
  ASSERT_EQ(said.size(), 1U);
  const auto& progress = static_cast<const v1::OrderProgressed&>(*said[0]);
  EXPECT_TRUE(progress.late());
  EXPECT_EQ(progress.internal_reason(), "WINDOW_PASSED");
  EXPECT_EQ(progress.revision(), 5U);
  v1::ListJourneysRequest late;
  late.set_late(true);
  ASSERT_EQ(queries.list("main", late)->journeys_size(), 1);
  EXPECT_EQ(queries.count("main", {})->late(), 1);
}

TEST_F(JourneyApiTest, lists_newest_first_by_page_and_status) {
  for (const char* order : {"ord_a", "ord_b", "ord_c"}) make(order, 100);
  v1::ListJourneysRequest request;
  request.mutable_page()->set_page_size(2);
  auto first = queries.list("main", request).value();
  ASSERT_EQ(first.journeys_size(), 2);
  EXPECT_EQ(first.journeys(0).order_id(), "ord_c");
  EXPECT_EQ(first.journeys(0).entries_size(), 0);
  request.mutable_page()->set_page_token(first.next_page_token());
  auto second = queries.list("main", request).value();
  ASSERT_EQ(second.journeys_size(), 1);
  EXPECT_EQ(second.journeys(0).order_id(), "ord_a");
  EXPECT_TRUE(second.next_page_token().empty());
  request.Clear();
  request.set_status(v1::JOURNEY_STATUS_CANCELLED);
  EXPECT_EQ(queries.list("main", request)->journeys_size(), 0);
}

TEST_F(JourneyApiTest, counts_orders_by_stage) {
  make("ord_a", 100);
  make("ord_b", 100);
  History wish("ord_c");
  wish.captured();
  harness.deliver(*wish.facts()[0].event, "intake", "c/1");
  const auto counted = queries.count("main", {}).value();
  ASSERT_EQ(counted.stages_size(), 2);
  EXPECT_EQ(counted.stages(0).status(), v1::JOURNEY_STATUS_WISH);
  EXPECT_EQ(counted.stages(1).milestone(), production::v1::MILESTONE_SCHEDULED);
  EXPECT_EQ(counted.stages(1).orders(), 2);
}

TEST_F(JourneyApiTest, rebuilding_what_is_right_changes_and_says_nothing) {
  make("ord_a", 100);
  make("ord_b", 100);
  harness.take();
  const auto done = queries.rebuild({}, {});
  ASSERT_TRUE(done.ok()) << done.status().to_string();
  EXPECT_EQ(done->orders(), 2);
  EXPECT_EQ(done->changed(), 0);
  EXPECT_TRUE(harness.take().empty());
  v1::RebuildJourneyRequest one;
  one.set_order_id("ord_none");
  EXPECT_EQ(queries.rebuild({}, one).status().code(), Code::not_found);
}

// Facts that came one after the other, and the same facts read at once.
TEST(Rebuild, of_what_is_right_leaves_nothing_out) {
  std::set<std::string> packages;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    Journal journal;
    const auto life = random_life(seed);
    journal.hear(life.facts());
    for (const auto& fact : life.facts()) packages.insert(fact.event->GetDescriptor()->file()->package());
    const auto done = journal.rebuild();
    ASSERT_TRUE(done.ok());
    EXPECT_FALSE(done->changed()) << "life " << seed;
  }
  EXPECT_GE(packages.size(), 4U) << "a life has facts of intake, scheduling, quality and aftersales";
}

TEST(Rebuild, what_differs_is_replaced_under_a_new_revision) {
  Journal journal;
  journal.hear(random_life(5).facts());
  const auto right = journal.journey();
  const auto published = journal.published.size();
  // As a version would have left it that came to something else.
  journal.state.mutable_shown()->mutable_lines(0)->set_quantity(99);
  journal.state.set_digest(99);
  const auto done = journal.rebuild();
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(done->changed());
  EXPECT_EQ(journal.published.size(), published + 1);
  EXPECT_EQ(journal.journey().revision(), right.revision() + 1);
  EXPECT_EQ(journal.journey().lines(0).quantity(), right.lines(0).quantity());
  EXPECT_EQ(domain::listed(journal.state).lines(0).quantity(), right.lines(0).quantity());
}

}  // namespace
}  // namespace loomline::tracking::test
