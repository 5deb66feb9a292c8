// The search that skips the backlog finds what trying every instant finds.
#include <gtest/gtest.h>

#include "naive_search.hpp"
#include "random_plans.hpp"

namespace loomline::planning {
namespace {

constexpr std::chrono::days kHorizon{60};
constexpr unsigned kSeedsEach = 60;

// Frees and occupies, so that the indexes of gaps have been changed in every way.
void stir(Plan& plan, RandomPlans& random, Time now) {
  const auto jobs = plan.jobs();
  for (const auto& job : jobs) {
    const auto& id = job.demand.job_id;
    if (random.one_in(5)) {
      plan.remove(id);
      continue;
    }
    for (const auto& op : job.operations) {
      if (op.start > now || !random.one_in(2)) continue;
      ASSERT_TRUE(plan.report_start(id, op.op_id, op.machine, op.start + minutes{random.below(90)}).ok());
      if (random.one_in(2)) {
        ASSERT_TRUE(plan.report_end(id, op.op_id, op.start + minutes{90 + random.below(200)}).ok());
      }
    }
  }
}

void expect_naive(const Plan& plan, const Job& placed, Time from) {
  NaiveSearch naive(plan);
  for (const auto i : topological_order(placed.demand.operations)) {
    const auto& op = placed.demand.operations[i];
    auto ready = std::max(from, placed.demand.earliest);
    for (std::size_t k = 0; k < placed.operations.size(); ++k)
      for (const auto& p : op.predecessors)
        if (p == placed.operations[k].op_id)
          ready = std::max(ready, placed.operations[k].finish + placed.demand.operations[k].lag);
    const auto expected = naive.earliest(op, ready, kHorizon);
    if (!expected) {  // only a clock change makes the shift that it needs
      ASSERT_GT(placed.operations[i].finish, ready + kHorizon) << op.op_id;
      return;
    }
    ASSERT_EQ(placed.operations[i], *expected)
        << op.op_id << " at " << format_rfc3339(placed.operations[i].start) << " on " << placed.operations[i].machine
        << ", not " << format_rfc3339(expected->start) << " on " << expected->machine;
    naive.book(op, placed.operations[i]);
  }
}

class Search : public ::testing::TestWithParam<unsigned> {};

TEST_P(Search, FindsWhatTryingEveryInstantFinds) {
  const auto engine = make_forward_engine();
  int compared = 0;
  for (unsigned seed = GetParam() * kSeedsEach; seed < (GetParam() + 1) * kSeedsEach; ++seed) {
    RandomPlans random(seed);
    const auto monday = at(seed % 2 == 0 ? "2026-10-19T00:00:00Z" : "2026-03-23T00:00:00Z");
    auto plant = random.plant(monday);
    plant.allowance_permille = 0;  // the earliest place of all is looked for
    auto plan = Plan::make(plant).value();
    for (int n = 0; n < 20; ++n) (void)engine->place(plan, random.job(n, monday), monday).ok();
    stir(plan, random, monday + hours{60});
    if (random.one_in(3)) {
      const auto machine = plan.plant().machines[0].id;
      ASSERT_TRUE(
          plan.set_down(machine, {"new", {monday + hours{70}, monday + hours{80 + random.below(200)}}, ""}).ok());
    }
    for (int n = 100; n < 106; ++n) {
      auto demand = random.job(n, monday + hours{random.below(100)});
      for (auto& op : demand.operations) op.materials.clear();
      const auto before = plan;
      const auto placed = engine->place(plan, demand, monday);
      if (!placed.ok()) continue;  // bounds_test has what cannot be placed
      SCOPED_TRACE("seed " + std::to_string(seed) + " job " + std::to_string(n));
      expect_naive(before, placed->job, monday);
      if (HasFatalFailure()) return;
      ++compared;
    }
  }
  EXPECT_GT(compared, 200);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Search, ::testing::Range(0U, 20U));

}  // namespace
}  // namespace loomline::planning
