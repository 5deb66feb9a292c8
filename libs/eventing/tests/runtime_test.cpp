// The kernel end to end on a real broker and a real database.
#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

using KernelTest = RigTest;

TEST_F(KernelTest, ACommandTravelsThroughTwoServicesAndBack) {
  auto from = start(alpha());
  auto to = start(beta());
  ASSERT_EQ(from->execute<FillResponse>("Fill", fill("box_1", 3), {})->total(), 3);
  ASSERT_EQ(from->execute<FillResponse>("Fill", fill("box_1", 4), {})->total(), 7);
  ASSERT_TRUE(eventually([&] { return state_of(*from, "box", "box_1").tags_size() == 2; }));
  EXPECT_EQ(state_of(*to, "shadow", "box_1").total(), 7);
  EXPECT_EQ(state_of(*from, "box", "box_1").tags(1), "counted 7");
  EXPECT_EQ(from->reader().find("main", "box", "tag", "t", "", 10)->size(), 1U);
}

}  // namespace
}  // namespace loomline::eventing
