#include <gtest/gtest.h>

#include <filesystem>

#include "loomline/quality/service.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {
namespace {

class QualityScenario : public testing::TestWithParam<std::string> {};

TEST_P(QualityScenario, comes_as_written) {
  for (const auto& problem : run(GetParam(), quality::make_service())) ADD_FAILURE() << GetParam() << " " << problem;
}

INSTANTIATE_TEST_SUITE_P(Files, QualityScenario, testing::ValuesIn(files("quality")), [](const auto& file) {
  auto name = std::filesystem::path(file.param).stem().string();
  for (auto& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

}  // namespace
}  // namespace loomline::scenarios
