// Due times on the service calendar, against vectors that were computed elsewhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "domain/service_level.hpp"
#include "loomline/aftersales/settings.hpp"

namespace loomline::aftersales {
namespace {

const std::string folder = std::string(LOOMLINE_SHARED_DATA) + "/quality-and-customers/";

std::string read(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(folder + name).rdbuf();
  return text.str();
}

// "2026-02-13T16:30+08:00": the vectors leave out the seconds.
Time time_of(std::string text) {
  if (text.size() == 22) text.insert(16, ":00");
  return parse_rfc3339(text).value();
}

TEST(ServiceClock, AgreesWithTheVectorsOfAChineseYear) {
  if (!std::filesystem::exists(folder + "sla_vectors_cn.csv"))
    GTEST_SKIP() << "no reference data at " << folder << "; configure with -DLOOMLINE_SHARED_DATA=FOLDER";
  const auto spec = service_hours("Asia/Shanghai", "09:00-12:00,13:00-18:00", read("calendar_cn_2026.csv"));
  ASSERT_TRUE(spec.ok()) << spec.status().to_string();
  EXPECT_EQ(spec->exceptions.size(), 39U);
  const auto hours = planning::Calendar::make(*spec).value();
  std::istringstream lines(read("sla_vectors_cn.csv"));
  std::string line;
  std::getline(lines, line);
  int vectors = 0;
  for (; std::getline(lines, line); ++vectors) {
    std::istringstream fields(line);
    std::string start, minutes, due;
    std::getline(fields, start, ',');
    std::getline(fields, minutes, ',');
    std::getline(fields, due, ',');
    const std::chrono::minutes budget(std::stoi(minutes));
    EXPECT_EQ(format_rfc3339(hours->add_work(time_of(start), budget)), format_rfc3339(time_of(due))) << line;
    EXPECT_EQ(hours->work_between(time_of(start), time_of(due)), budget) << line;
  }
  EXPECT_EQ(vectors, 5);
}

TEST(ServiceClock, AroundTheClockRunsThroughAClockChange) {
  const auto hours = planning::Calendar::make(planning::around_the_clock("always", "Europe/Berlin")).value();
  const auto four = std::chrono::hours(4);
  EXPECT_EQ(hours->add_work(time_of("2026-03-28T23:00+01:00"), four), time_of("2026-03-29T04:00+02:00"));
  EXPECT_EQ(hours->add_work(time_of("2026-10-24T23:00+02:00"), four), time_of("2026-10-25T02:00+01:00"));
}

TEST(Priority, FollowsItilsMatrix) {
  using namespace domain;
  EXPECT_EQ(priority_matrix.size(), 9U);
  EXPECT_EQ(priority_of(v1::IMPACT_HIGH, v1::URGENCY_HIGH), v1::PRIORITY_CRITICAL);
  EXPECT_EQ(priority_of(v1::IMPACT_LOW, v1::URGENCY_HIGH), v1::PRIORITY_MEDIUM);
  EXPECT_EQ(priority_of(v1::IMPACT_LOW, v1::URGENCY_LOW), v1::PRIORITY_PLANNING);
  for (std::size_t i = 1; i < service_levels.size(); ++i) {
    EXPECT_LT(service_levels[i - 1].respond, service_levels[i].respond);
    EXPECT_LT(service_levels[i - 1].resolve, service_levels[i].resolve);
  }
}

}  // namespace
}  // namespace loomline::aftersales
