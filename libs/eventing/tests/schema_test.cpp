// The kernel's migrations: what landed stays as it is, and a program from before still finds what it calls.
#include "src/commit/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "loomline/base/hash.hpp"
#include "src/publish/schema.hpp"

namespace loomline::eventing {
namespace {

// One line a landed migration; a new one gets its line when it lands. A database that was migrated with another text
// refuses the program.
constexpr const char* kLanded[] = {
    "1 d1de1868241e7457", "2 46bed20a3210c5d2", "3 958abbe891581f74",
    "4 b54dc5c99ea0ddeb", "5 4e9a6e77d9c27655", "6 df6a7c1c0969b399",
    "1 31cec59d0163f663",  // eventing-publish
};

TEST(KernelSchemaTest, ALandedMigrationIsNeverChanged) {
  std::vector<std::string> now;
  for (const auto& steps : {kernel_migrations(), publish_migrations()})
    for (const auto& step : steps)
      now.push_back(std::to_string(step.version) + " " + sha256_hex(step.sql).substr(0, 16));
  for (const auto* landed : kLanded)
    EXPECT_NE(std::find(now.begin(), now.end(), landed), now.end())
        << landed << " was changed (kernel_commit.sql is one, too): restore its text and add a new version instead.\n"
        << ::testing::PrintToString(now);
}

// Replicas of the version before call what they know while the newer one migrates, and when it is taken back.
TEST(KernelSchemaTest, AFunctionIsNeverMadeAgainUnderItsName) {
  std::set<std::string> made;
  const std::regex function(R"(CREATE\s+(OR\s+REPLACE\s+)?FUNCTION\s+(\w+))", std::regex::icase);
  for (const auto& step : kernel_migrations()) {
    const std::string sql(step.sql);
    for (std::sregex_iterator at(sql.begin(), sql.end(), function), end; at != end; ++at)
      EXPECT_TRUE(made.insert((*at)[2]).second) << (*at)[2] << " is made again by migration " << step.version
                                                << ": what is called otherwise, or does otherwise, gets a new name "
                                                   "(kernel_commit_2); the old one stays for a "
                                                << "version";
  }
  EXPECT_TRUE(made.contains("kernel_commit"));
}

}  // namespace
}  // namespace loomline::eventing
