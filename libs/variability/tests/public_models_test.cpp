// Every Boolean model of the reference data is read, and core and dead features agree with the oracle.
#include "tests/public_models.hpp"

namespace loomline::variability {
namespace {

TEST(PublicModels, CoreAndDeadFeaturesAgreeWithTheOracle) { compare_with_oracle(0, 2000); }

TEST(PublicModels, TypedModelsAreRefusedByName) {
  if (!fs::exists(kFolder)) GTEST_SKIP() << "no reference data at " << kFolder;
  const std::map<std::string, std::string> expected{{"pizza_typed_Sundermann2024.uvl", "line 21"},
                                                    {"bike_typed.uvl", "line 5"},
                                                    {"icecream_typed_Horcas2025.uvl", "line 12"}};
  for (const auto& [file, line] : expected) {
    const auto model = read_uvl(contents(kFolder / file));
    ASSERT_FALSE(model.ok()) << file;
    EXPECT_EQ(model.status().reason(), "UVL_LEVEL") << file;
    EXPECT_TRUE(model.status().violations().front().field.starts_with(line)) << model.status().to_string();
  }
}

}  // namespace
}  // namespace loomline::variability
