// A made-up milestone between two others, with a number above all of them: its rank alone says where it stands.
#include <gtest/gtest.h>

#include <algorithm>

#include "domain/folded.hpp"
#include "domain/folding.hpp"
#include "domain/render.hpp"
#include "history.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::test {
namespace {

using namespace production::v1;  // NOLINT: the milestones and states, by name

constexpr auto painted = static_cast<Milestone>(77);

MilestonePlace between_production_and_inspection() {
  MilestonePlace place;
  place.set_rank(55);
  place.set_optional(true);
  return place;
}

class BetweenTwo : public testing::Test {
 protected:
  // Line 0 is made, painted and tested; line 1 is made and tested. One piece each.
  void SetUp() override {
    intake::v1::OrderPlaced placed;
    for (int i = 0; i < 2; ++i) {
      auto& line = *placed.add_lines();
      line.set_line_id(History::line_id(i));
      line.set_quantity(1);
      add_step(line, "op_make", MILESTONE_IN_PRODUCTION);
      if (i == 0) add_step(line, "op_paint", painted);
      add_step(line, "op_test", MILESTONE_INSPECTED);
    }
    history.say(placed);
    history.scheduled(0, {"unt_a"});
    history.scheduled(1, {"unt_b"});
  }
  static void add_step(intake::v1::OrderLine& line, const char* op_id, Milestone milestone) {
    auto& step = *line.mutable_spec()->add_operations();
    step.set_op_id(op_id);
    step.set_milestone(milestone);
  }
  void end(int line, const char* unit, const char* op) { history.operation(line, unit, op, OPERATION_STATE_ENDED); }
  v1::Journey now() {
    Journal journal;
    journal.hear(history.facts());
    return journal.journey();
  }
  static const v1::MilestoneProgress* find(const v1::Journey& journey, Milestone milestone) {
    const auto found = std::find_if(journey.milestones().begin(), journey.milestones().end(),
                                    [&](const auto& one) { return one.milestone() == milestone; });
    return found == journey.milestones().end() ? nullptr : &*found;
  }

  const wire::OneMoreMilestone one_more{"MILESTONE_PAINTED", painted, between_production_and_inspection()};
  History history;
};

TEST_F(BetweenTwo, stands_between_them_on_the_way) {
  const auto journey = now();
  std::vector<Milestone> way;
  for (const auto& one : journey.milestones()) way.push_back(one.milestone());
  const auto it = std::find(way.begin(), way.end(), painted);
  ASSERT_NE(it, way.end());
  EXPECT_EQ(*(it - 1), MILESTONE_IN_PRODUCTION);
  EXPECT_EQ(*(it + 1), MILESTONE_INSPECTED);
  EXPECT_EQ(find(journey, painted)->quantity(), 0);
  EXPECT_EQ(find(journey, MILESTONE_IN_SERVICE), nullptr) << "nobody's way yet";
}

TEST_F(BetweenTwo, is_reached_by_the_lines_that_have_it) {
  end(0, "unt_a", "make");
  end(1, "unt_b", "make");
  end(0, "unt_a", "paint");
  const auto journey = now();
  EXPECT_EQ(journey.lines(0).units(0).milestone(), painted);
  EXPECT_EQ(journey.lines(1).units(0).milestone(), MILESTONE_IN_PRODUCTION);
  EXPECT_EQ(find(journey, painted)->quantity(), 1);
  EXPECT_TRUE(find(journey, painted)->has_reached_at()) << "the other line is never painted";
  EXPECT_EQ(find(journey, MILESTONE_INSPECTED)->quantity(), 0);
  EXPECT_EQ(journey.milestone(), painted);
}

TEST_F(BetweenTwo, has_been_passed_when_a_later_one_is_reached) {
  end(0, "unt_a", "test");
  const auto journey = now();
  EXPECT_EQ(find(journey, painted)->quantity(), 1);
  EXPECT_EQ(journey.lines(0).units(0).milestone(), MILESTONE_INSPECTED);
}

TEST_F(BetweenTwo, is_taken_away_by_a_step_back_before_it) {
  end(0, "unt_a", "paint");
  history.rework(0, "unt_a");
  const auto journey = now();
  EXPECT_EQ(journey.lines(0).units(0).milestone(), MILESTONE_IN_PRODUCTION);
  EXPECT_EQ(find(journey, painted)->quantity(), 0);
}

TEST_F(BetweenTwo, is_not_shown_where_no_line_has_it) {
  history = History();
  history.placed(1, 1);
  EXPECT_EQ(find(now(), painted), nullptr);
}

constexpr auto paid = static_cast<Milestone>(78);

// "PAID": of the order as a whole, between CONFIRMED and SCHEDULED.
class OfTheOrder : public testing::TestWithParam<bool> {
 protected:
  static MilestonePlace between_confirmed_and_scheduled(bool optional) {
    MilestonePlace place;
    place.set_rank(25);
    place.set_optional(optional);
    return place;
  }
  // What is shown when, after all of `history`, the order as a whole reaches `milestones`.
  v1::Journey then(const std::vector<Milestone>& milestones) {
    Journal journal;
    journal.hear(history.facts());
    auto fold = static_cast<const domain::Folded&>(*journal.derived).fold();
    domain::Effect effect;
    for (const auto milestone : milestones) {
      history.wait(std::chrono::minutes(1));
      domain::Folding folding(fold, "test.Reached", "id", wire::to_timestamp(history.now()), effect);
      folding.reach(milestone);
      folding.finish();
    }
    v1::Journey out;
    domain::render_head(fold, domain::standing(fold, {}), out);
    return out;
  }
  static const v1::MilestoneProgress* find(const v1::Journey& journey, Milestone milestone) {
    const auto found = std::find_if(journey.milestones().begin(), journey.milestones().end(),
                                    [&](const auto& one) { return one.milestone() == milestone; });
    return found == journey.milestones().end() ? nullptr : &*found;
  }
  bool optional() const { return GetParam(); }

  const wire::OneMoreMilestone one_more{"MILESTONE_PAID", paid, between_confirmed_and_scheduled(GetParam())};
  History history;
};
INSTANTIATE_TEST_SUITE_P(Optional, OfTheOrder, testing::Bool(),
                         [](const auto& mode) { return std::string(mode.param ? "optional" : "required"); });

TEST_P(OfTheOrder, a_piece_steps_back_before_it) {
  for (const auto to : {MILESTONE_RECEIVED, MILESTONE_CONFIRMED, paid}) {
    domain::Unit unit;
    unit.reach(MILESTONE_SCHEDULED, start);
    unit.reach(MILESTONE_IN_PRODUCTION, start);
    unit.step_back(to);
    EXPECT_EQ(unit.been, 0U) << to;
    EXPECT_EQ(unit.milestone, to == paid ? paid : MILESTONE_CONFIRMED);
    EXPECT_EQ(domain::Tally::of(0, std::make_shared<domain::Unit>(unit)).reached(MILESTONE_SCHEDULED), 0);
  }
}

TEST_P(OfTheOrder, is_shown_and_is_the_headline_once_it_is_reached) {
  history.captured();
  history.placed(2, 3);
  const auto before = then({});
  EXPECT_EQ(before.milestone(), MILESTONE_CONFIRMED);
  EXPECT_EQ(find(before, paid) == nullptr, optional()) << "optional, and on nobody's way so far";
  const auto after = then({paid});
  ASSERT_NE(find(after, paid), nullptr);
  EXPECT_EQ(find(after, paid)->quantity(), 6);
  EXPECT_TRUE(find(after, paid)->has_reached_at());
  EXPECT_EQ(after.milestone(), paid);
}

TEST_P(OfTheOrder, counts_as_reached_when_its_fact_came_though_there_are_no_pieces) {
  const auto journey = then({MILESTONE_RECEIVED, MILESTONE_CONFIRMED, paid});
  ASSERT_NE(find(journey, paid), nullptr);
  EXPECT_EQ(find(journey, paid)->quantity(), 0);
  EXPECT_TRUE(find(journey, paid)->has_reached_at());
  EXPECT_EQ(journey.milestone(), paid);
}

TEST_P(OfTheOrder, is_shown_when_its_fact_comes_after_a_later_one) {
  history.captured();
  history.placed(1, 1);
  history.scheduled(0, {"unt_a"});
  const auto journey = then({MILESTONE_MATERIAL_READY, paid});
  ASSERT_NE(find(journey, paid), nullptr);
  EXPECT_EQ(find(journey, paid)->reached_at().seconds(), wire::to_timestamp(history.now()).seconds());
  EXPECT_EQ(journey.milestone(), MILESTONE_MATERIAL_READY);
}

TEST_P(OfTheOrder, does_not_hold_up_the_headline_when_it_was_passed_over) {
  history.captured();
  history.placed(1, 2);
  history.scheduled(0, {"unt_a", "unt_b"});
  const auto journey = then({});
  EXPECT_EQ(journey.milestone(), MILESTONE_SCHEDULED);
  EXPECT_EQ(find(journey, paid) == nullptr, optional());
}

TEST_F(BetweenTwo, is_reached_where_the_order_as_a_whole_is_past_it) {
  scheduling::v1::MaterialReady everywhere;  // names no line: the order as a whole
  history.say(everywhere);
  EXPECT_EQ(now().milestone(), MILESTONE_MATERIAL_READY);
  Journal journal;
  journal.hear(history.facts());
  auto fold = static_cast<const domain::Folded&>(*journal.derived).fold();
  domain::Effect effect;
  domain::Folding folding(fold, "test.Reached", "id", wire::to_timestamp(history.now()), effect);
  folding.reach(MILESTONE_PACKED);
  v1::Journey journey;
  domain::render_head(fold, domain::standing(fold, {}), journey);
  ASSERT_NE(find(journey, painted), nullptr);
  EXPECT_EQ(find(journey, painted)->quantity(), 1) << "the pieces of the line that has it on its way";
  EXPECT_TRUE(find(journey, painted)->has_reached_at());
  EXPECT_EQ(find(journey, MILESTONE_INSPECTED)->quantity(), 2);
  EXPECT_EQ(journey.milestone(), MILESTONE_PACKED);
}

// The fact that confirms an order is not always the first to arrive.
TEST(Unconfirmed, pieces_that_are_scheduled_count_as_confirmed) {
  History history;
  history.captured();
  history.placed(1, 2);
  history.scheduled(0, {"unt_a", "unt_b"});
  auto facts = history.facts();
  const auto placed = facts[1];
  facts.erase(facts.begin() + 1);
  Journal journal;
  journal.hear(facts);
  auto journey = journal.journey();
  EXPECT_EQ(journey.milestone(), MILESTONE_SCHEDULED);
  ASSERT_GE(journey.milestones_size(), 2);
  EXPECT_EQ(journey.milestones(1).milestone(), MILESTONE_CONFIRMED);
  EXPECT_EQ(journey.milestones(1).quantity(), 2);
  EXPECT_TRUE(journey.milestones(1).has_reached_at());
  static_cast<void>(journal.hear(placed));
  journey = journal.journey();
  EXPECT_EQ(journey.milestone(), MILESTONE_SCHEDULED);
  EXPECT_EQ(journey.anomalies_size(), 0);
}

TEST(Unconfirmed, a_quote_that_is_recorded_after_the_plan_takes_no_pieces_away) {
  History history;
  history.scheduled(0, {"unt_a"});
  intake::v1::QuoteIssued quote;
  quote.add_lines()->set_line_id(History::line_id(0));
  history.say(quote);
  history.placed(1, 1);
  Journal journal;
  journal.hear(history.facts());
  const auto journey = journal.journey();
  ASSERT_EQ(journey.lines_size(), 1);
  EXPECT_EQ(journey.lines(0).units_size(), 1);
  EXPECT_EQ(journey.milestone(), MILESTONE_SCHEDULED);
}

TEST(Unconfirmed, the_first_that_is_heard_of_an_order_may_be_its_plan) {
  History history;
  history.scheduled(0, {"unt_a"});
  history.operation(0, "unt_a", "make", OPERATION_STATE_RUNNING);
  Journal journal;
  journal.hear({history.facts().front()});
  EXPECT_EQ(journal.journey().milestone(), MILESTONE_SCHEDULED);
  static_cast<void>(journal.hear(history.facts().back()));
  EXPECT_EQ(journal.journey().milestone(), MILESTONE_IN_PRODUCTION);
}

}  // namespace
}  // namespace loomline::tracking::test
