// What is resident must not matter: whatever happens to a plant, a process that reads everything again from what is
// stored, at any moment, says exactly what one says that never stopped.
#include <sstream>

#include "board_check.hpp"
#include "random_life.hpp"

namespace loomline::scheduling {
namespace {

// The first line that differs.
std::string difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string x, y;
  for (bool more = true; more;) {
    const bool has_x = static_cast<bool>(std::getline(left, x)), has_y = static_cast<bool>(std::getline(right, y));
    if (has_x != has_y || (has_x && x != y)) return (has_x ? x : "nothing") + "\n  but\n" + (has_y ? y : "nothing");
    more = has_x;
  }
  return {};
}

// The names of the parts that differ.
std::vector<eventing::PartStore::Name> changed_parts(const eventing::PartStore& before, const eventing::PartStore& after) {
  std::vector<eventing::PartStore::Name> names;
  const auto collections = after.collection_of(state::v1::Kept::descriptor()) + 1;  // the last one
  for (std::size_t c = 0; c < collections; ++c) {
    for (const auto entry : after.map(c))
      if (before.find(c, entry.key) != entry.value.get()) names.emplace_back(c, entry.key);
    for (const auto entry : before.map(c))
      if (after.find(c, entry.key) == nullptr) names.emplace_back(c, entry.key);
  }
  return names;
}

struct Restarts : ::testing::TestWithParam<unsigned> {};

TEST_P(Restarts, ChangeNothingOfWhatIsSaid) {
  constexpr int kSteps = 200;
  RandomLife never, each, some;
  for (auto* life : {&never, &each, &some}) life->random.seed(GetParam());
  for (int i = 1; i <= kSteps; ++i) {
    const auto said = never.live_on();
    ASSERT_EQ(difference(said, each.live_on()), "") << "step " << i << ", read again after every step";
    ASSERT_EQ(difference(said, some.live_on()), "") << "step " << i << ", read again after every seventh";
    each.harness.restart();
    if (i % 7 == 0) some.harness.restart();
    ASSERT_EQ(board_fault(never.view()), "") << "step " << i;
  }
  EXPECT_EQ(difference(never.state().DebugString(), each.state().DebugString()), "");
}

// Another process goes on with the plant: what one that stood by takes in is what one would have that reads all of it.
TEST_P(Restarts, WhoStoodByTakesInWhatOthersDid) {
  RandomLife life;
  life.random.seed(GetParam() + 100);
  for (int i = 1; i <= 150; ++i) {
    const auto before = life.view();
    auto board = before.board();
    for (int steps = 1 + i % 5; steps > 0; --steps) (void)life.live_on();
    const auto after = life.view();
    domain::follow_parts(board, after.state(), after.parts(), changed_parts(before.parts(), after.parts()));
    ASSERT_EQ(board_fault(board, after), "") << "round " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Restarts, ::testing::Range(1U, 5U));
INSTANTIATE_TEST_SUITE_P(Found, Restarts, ::testing::Values(22U));  // another operation bought the material

}  // namespace
}  // namespace loomline::scheduling
