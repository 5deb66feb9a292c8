// A database that was restored from a backup takes commands before it has seen what the broker has.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/box_services.hpp"
#include "tests/sim/world.hpp"

namespace loomline::eventing::sim {
namespace {

class Restored : public ::testing::TestWithParam<int> {
 protected:
  static constexpr int kBoxes = 4;

  Restored() : world_((testing::use_catalog(boxes::kCatalog), services())) {
    for (const auto* name : {"alpha", "beta"}) {
      world_.start(name);
      world_.rebalance(name);
    }
  }

  static std::vector<Service> services() {
    std::vector<Service> all;
    all.push_back(make_alpha());
    all.push_back(make_beta());
    return all;
  }

  void fill(const std::string& tag, int times) {
    auto& alpha = *world_.at("alpha").replicas.front();
    for (int i = 0; i < times; ++i)
      for (int box = 0; box < kBoxes; ++box) {
        FillRequest request;
        request.set_box_id("box_" + std::to_string(box));
        request.set_amount(1);
        request.set_tag(tag + " " + std::to_string(i));
        ASSERT_TRUE(alpha.submit("Fill", request, FillResponse(), {}).ok());
        alpha.work();
      }
  }

  // What beta has heard of a box with this tag.
  std::ptrdiff_t heard(int box, const std::string& tag) {
    const auto& row = world_.at("beta").store->rows.at({"main", "shadow", "box_" + std::to_string(box)});
    BoxState state;
    EXPECT_TRUE(state.ParseFromString(row.state.value()));
    return std::count_if(state.tags().begin(), state.tags().end(), [&](const auto& t) { return t.starts_with(tag); });
  }

  World world_;
};

// As many numbers are taken again as the parameter says, of the 3 a box that the broker had meanwhile.
TEST_P(Restored, SaysUnderNewNumbersWhatItDecidedSince) {
  fill("before", 2);
  ASSERT_TRUE(world_.settle());
  const MemoryStore backup = *world_.at("alpha").store;
  fill("gone", 3);
  ASSERT_TRUE(world_.settle());

  world_.kill("alpha", 0);
  world_.at("alpha").store->restore(backup);
  world_.start("alpha");
  world_.rebalance("alpha");
  world_.log().down = true;
  fill("since", GetParam());
  world_.pass(std::chrono::seconds(30));
  world_.log().down = false;
  ASSERT_TRUE(world_.settle());
  fill("later", 1);
  ASSERT_TRUE(world_.settle());

  for (int box = 0; box < kBoxes; ++box) {
    EXPECT_EQ(heard(box, "before"), 2);
    EXPECT_EQ(heard(box, "gone"), 3) << "the broker has it";
    EXPECT_EQ(heard(box, "since"), GetParam());
    EXPECT_EQ(heard(box, "later"), 1);
  }
}
INSTANTIATE_TEST_SUITE_P(Commands, Restored, ::testing::Values(0, 1, 3, 7));

}  // namespace
}  // namespace loomline::eventing::sim
