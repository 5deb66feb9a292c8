#include "loomline/wire/milestones.hpp"

#include <gtest/gtest.h>

#include <set>

namespace loomline::wire {
namespace {

using namespace production::v1;  // NOLINT: the milestones, by name

TEST(Milestones, every_one_has_a_place_of_its_own) {
  const auto& all = milestones().all();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(Milestone_descriptor()->value_count() - 1));
  std::set<std::uint32_t> ranks;
  for (int i = 1; i < Milestone_descriptor()->value_count(); ++i) {
    const auto& value = *Milestone_descriptor()->value(i);
    const auto rank = value.options().GetExtension(place).rank();
    EXPECT_TRUE(rank > 0 && ranks.insert(rank).second) << value.name() << " has no rank of its own";
  }
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_TRUE(milestones().before(all[i - 1], all[i]));
  EXPECT_TRUE(milestones().before(MILESTONE_UNSPECIFIED, all.front()));
}

TEST(Milestones, are_named_and_compared) {
  EXPECT_EQ(milestones().name(MILESTONE_IN_PRODUCTION), "IN_PRODUCTION");
  EXPECT_EQ(milestones().later(MILESTONE_PACKED, MILESTONE_INSPECTED), MILESTONE_PACKED);
  EXPECT_TRUE(milestones().reached(MILESTONE_PACKED, MILESTONE_PACKED));
  EXPECT_FALSE(milestones().reached(MILESTONE_INSPECTED, MILESTONE_PACKED));
  EXPECT_TRUE(milestones().optional(MILESTONE_IN_SERVICE));
  EXPECT_FALSE(milestones().optional(MILESTONE_DELIVERED));
}

TEST(Milestones, a_new_one_stands_between_two_others_whatever_its_number) {
  const auto painted = static_cast<Milestone>(77);
  {
    MilestonePlace between;
    between.set_rank(55);
    const OneMoreMilestone other("MILESTONE_PAINTED", painted, between);
    EXPECT_TRUE(milestones().before(MILESTONE_IN_PRODUCTION, painted));
    EXPECT_TRUE(milestones().before(painted, MILESTONE_INSPECTED));
    EXPECT_EQ(milestones().name(painted), "PAINTED");
  }
  EXPECT_TRUE(milestones().before(painted, MILESTONE_RECEIVED)) << "it is not known any more";
}

}  // namespace
}  // namespace loomline::wire
