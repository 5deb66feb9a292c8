// How long a step takes before it is committed, in simulated time: whoever waits behind it must not wait for all that
// there is to do.
#include <gtest/gtest.h>

#include "tests/sim/box_services.hpp"
#include "tests/sim/world.hpp"

namespace loomline::eventing::sim {
namespace {

using std::chrono::milliseconds;

TEST(StepBudget, EndsAStepOfManySlowHandlers) {
  testing::use_catalog(boxes::kCatalog);
  constexpr int kFills = 90;
  constexpr milliseconds kHandler{10};
  World* world = nullptr;
  auto slow = make_beta();
  auto& fill = slow.aggregates().at("shadow")->events.find("loomline.kerneltest.v1.BoxFilled")->second;
  fill.apply = [usual = fill.apply, &world, kHandler](Message& state, const Message& event, Step& step) {
    world->pass(kHandler);
    return usual(state, event, step);
  };
  std::vector<Service> services;
  services.push_back(make_alpha());
  services.push_back(std::move(slow));
  World made(std::move(services));
  world = &made;
  for (const auto* name : {"alpha", "beta"}) {
    made.start(name);
    made.rebalance(name);
  }
  auto& alpha = *made.at("alpha").replicas.front();
  for (int i = 0; i < kFills; ++i) {
    FillRequest request;
    request.set_box_id("box_" + std::to_string(i % 9));
    request.set_tag("fill " + std::to_string(i));
    ASSERT_TRUE(alpha.submit("Fill", request, FillResponse(), {}).ok());
  }
  for (int round = 0; round < 50; ++round) {
    alpha.work();
    alpha.publish();
    alpha.carry(1000);
    made.pass(milliseconds(1));
  }
  auto& beta = *made.at("beta").replicas.front();
  std::chrono::microseconds longest{0}, all{0};
  for (int turn = 0; turn < 500; ++turn) {
    const auto before = made.clocks().steady();
    beta.work();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(made.clocks().steady() - before);
    longest = std::max(longest, took);
    all += took;
  }
  EXPECT_EQ(all, kFills * kHandler) << "each was handled once";
  EXPECT_LE(longest, made.limits.budget + kHandler + milliseconds(1)) << "in one step";
}

}  // namespace
}  // namespace loomline::eventing::sim
