// A made-up milestone between two others, with a number above all of them: its rank alone says where it stands.
#include <gtest/gtest.h>

#include <algorithm>

#include "history.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
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

}  // namespace
}  // namespace loomline::tracking::test
