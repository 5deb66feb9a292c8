#include "products.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "loomline/factory/floor.hpp"

namespace loomline::demo {
namespace {

namespace fs = std::filesystem;

class Products : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("products-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const char* file, const std::string& text) { std::ofstream(folder_ / file) << text; }
  fs::path folder_;
};

TEST_F(Products, AreReadFromAFolder) {
  write("model.uvl", "features\n    Pump\n");
  write("product.json", R"({"modelId": "mdl_pump", "currency": "EUR"})");
  write("routing.json", R"({"operations": [{"operation": {"opId": "op_a"}}]})");
  write("plant.json", R"({"plantId": "plt_a", "zone": "UTC"})");
  const auto product = load_product(folder_.string());
  ASSERT_TRUE(product.ok()) << product.status().to_string();
  EXPECT_EQ(product->package.model_id(), "mdl_pump");
  EXPECT_EQ(product->package.uvl(), "features\n    Pump\n");
  EXPECT_EQ(product->package.operations_size(), 1);
  ASSERT_EQ(product->plants.size(), 1U);
  EXPECT_EQ(product->plants[0].plant_id(), "plt_a");
}

TEST_F(Products, NameTheFileThatIsWrong) {
  EXPECT_FALSE(load_product((folder_ / "nowhere").string()).ok());
  write("product.json", R"({"modelId": "mdl_pump"})");
  EXPECT_NE(load_product(folder_.string()).status().to_string().find("model.uvl"), std::string::npos);
  write("model.uvl", "features\n    Pump\n");
  EXPECT_NE(load_product(folder_.string()).status().to_string().find("plant.json"), std::string::npos);
  write("plant.json", R"({"plantId": 7, "zoen": "UTC"})");
  EXPECT_NE(load_product(folder_.string()).status().to_string().find("plant.json"), std::string::npos);
}

// Those that the demo really publishes, and floors for their plants.
TEST(DemoProducts, AreWhole) {
  for (const auto* name : {"pc", "compressor"}) {
    const auto product = load_product(std::string(LOOMLINE_SOURCE_DIR) + "/deploy/products/" + name);
    ASSERT_TRUE(product.ok()) << product.status().to_string();
    EXPECT_GT(product->package.operations_size(), 3);
    const auto floor =
        factory::Floor::make(product->plants.at(0), {}, factory::Draws(1), std::make_shared<factory::Labels>());
    ASSERT_TRUE(floor.ok()) << floor.status().to_string();
  }
}

}  // namespace
}  // namespace loomline::demo
