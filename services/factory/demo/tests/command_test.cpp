#include "loomline/demo/command.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace loomline::demo {
namespace {

TEST(Command, TakesItsFlags) {
  CLI::App app;
  Options options;
  add_options(app, options);
  app.parse("--product / --product /tmp --orders 30 --seed 9 --wall install=1.5 --wall build=20 --process loomline=77",
            false);
  EXPECT_EQ(options.products, (std::vector<std::string>{"/", "/tmp"}));
  EXPECT_EQ(options.orders, 30);
  EXPECT_EQ(options.invalid, 20);
  EXPECT_EQ(options.seed, 9U);
  EXPECT_EQ(options.wall.at("install"), 1.5);
  EXPECT_EQ(options.wall.at("build"), 20);
  EXPECT_EQ(options.processes.at("loomline"), 77);
  CLI::App other;
  add_options(other, options);
  EXPECT_THROW(other.parse("--product / --wall install", false), CLI::ValidationError);
}

}  // namespace
}  // namespace loomline::demo
