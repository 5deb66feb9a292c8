// Every scenario of one service comes as written.
#include "scenario.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace loomline::scenarios {
namespace {

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, comes_as_written) {
  for (const auto& problem : run(GetParam(), subject())) ADD_FAILURE() << GetParam() << " " << problem;
}

INSTANTIATE_TEST_SUITE_P(Files, Scenario, testing::ValuesIn(files(subject().folder)), [](const auto& file) {
  auto name = std::filesystem::path(file.param).stem().string();
  for (auto& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

}  // namespace
}  // namespace loomline::scenarios
