#include "loomline/quality/lives.hpp"

#include <gtest/gtest.h>

namespace loomline::quality {
namespace {

static_assert(may_follow(inspection_life, v1::INSPECTION_STATE_PENDING, v1::INSPECTION_STATE_PASSED));
static_assert(!may_follow(inspection_life, v1::INSPECTION_STATE_FAILED, v1::INSPECTION_STATE_PASSED));
static_assert(!may_follow(disposition_life, v1::DISPOSITION_REWORK, v1::DISPOSITION_SCRAP));

TEST(Lives, nothing_leaves_a_decided_inspection) {
  for (const auto& step : inspection_life)
    EXPECT_TRUE(step.from == v1::INSPECTION_STATE_UNSPECIFIED || step.from == v1::INSPECTION_STATE_PENDING) << step.on;
}

}  // namespace
}  // namespace loomline::quality
