// What stays in memory where there is too much of it.
#include "src/work/residents.hpp"

#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

namespace loomline::eventing {
namespace {

class ResidentsTest : public testing::Test {
 protected:
  ResidentsTest() { def_.prototype = &google::protobuf::Timestamp::default_instance(); }
  std::shared_ptr<Resident> sized(const std::string& key, std::size_t kilobytes) {
    auto resident = std::make_shared<Resident>(def_, KeyId{"main", "box", key});
    resident->bytes.assign(kilobytes * 200, 'x');  // counts five times
    return resident;
  }
  bool has(const std::string& key) { return residents_.find(KeyId{"main", "box", key}) != nullptr; }
  AggregateDef def_;
  Residents residents_{100'000};
};

TEST_F(ResidentsTest, TheOldestGoes) {
  for (int i = 0; i < 20; ++i) {
    residents_.keep(sized("small-" + std::to_string(i), 10));
    residents_.trim();
  }
  EXPECT_FALSE(has("small-0"));
  EXPECT_TRUE(has("small-19"));
}

// A plant of 6,000 units and the small orders of others took turns on one worker: it was read again in every round, and
// an order that takes 6 s took 118.
TEST_F(ResidentsTest, ALargeOneThatIsWorkedOnInTurnsStays) {
  residents_.keep(sized("plant", 150));
  for (int i = 0; i < 500; ++i) {
    residents_.keep(sized("small-" + std::to_string(i), 1));
    residents_.trim();
    ASSERT_TRUE(has("plant")) << i;
  }
  for (int i = 0; i < 3000; ++i) residents_.keep(sized("other-" + std::to_string(i % 3), 1));
  residents_.trim();
  EXPECT_FALSE(has("plant")) << "not used for long";
}

TEST_F(ResidentsTest, FourTimesTheLimitIsTheEnd) {
  for (int i = 0; i < 4; ++i) residents_.keep(sized("plant-" + std::to_string(i), 150));
  residents_.trim();
  EXPECT_FALSE(has("plant-0"));
  EXPECT_FALSE(has("plant-1"));
  EXPECT_TRUE(has("plant-2"));
  EXPECT_TRUE(has("plant-3"));
}

}  // namespace
}  // namespace loomline::eventing
