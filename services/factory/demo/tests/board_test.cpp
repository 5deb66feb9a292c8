#include "board.hpp"

#include <gtest/gtest.h>

namespace loomline::demo {
namespace {

TEST(Board, NamesStagesInTheOrderOfThePipeline) {
  tracking::v1::CountOrdersResponse counts;
  const auto add = [&](auto status, auto milestone, std::int64_t orders) {
    auto& stage = *counts.add_stages();
    stage.set_status(status);
    stage.set_milestone(milestone);
    stage.set_orders(orders);
  };
  add(tracking::v1::JOURNEY_STATUS_REFUSED, production::v1::MILESTONE_RECEIVED, 2);
  add(tracking::v1::JOURNEY_STATUS_ACTIVE, production::v1::MILESTONE_IN_PRODUCTION, 7);
  add(tracking::v1::JOURNEY_STATUS_ACTIVE, production::v1::MILESTONE_SCHEDULED, 3);
  counts.set_late(1);
  EXPECT_EQ(one_line(counts), "3 scheduled, 7 in production, 2 refused, 1 of them late");
  EXPECT_EQ(one_line({}), "no orders");
}

}  // namespace
}  // namespace loomline::demo
