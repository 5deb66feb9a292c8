#include "loomline/aftersales/settings.hpp"

#include <gtest/gtest.h>

#include <map>

namespace loomline::aftersales {
namespace {

Result<Settings> settings(const std::map<std::string, std::string>& variables) {
  return read_settings([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(Settings, HaveDefaults) {
  const auto read = settings({});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->hours.zone, "UTC");
  EXPECT_EQ(read->hours.shifts.size(), 5U);
  EXPECT_EQ(read->survey_after, std::chrono::days(30));
}

TEST(Settings, NameWhatIsWrong) {
  const auto field = [](const std::map<std::string, std::string>& variables) {
    const auto read = settings(variables);
    return read.ok() ? std::string() : read.status().violations().at(0).field;
  };
  for (const auto* days : {"0", "366", "three", "3x", "-1"})
    EXPECT_EQ(field({{"LOOMLINE_SURVEY_DAYS", days}}), "LOOMLINE_SURVEY_DAYS") << days;
  EXPECT_EQ(field({{"LOOMLINE_SURVEY_DAYS", "3"}}), "");
  EXPECT_EQ(field({{"LOOMLINE_SERVICE_ZONE", "Mars/Olympus"}}), "LOOMLINE_SERVICE_ZONE");
  for (const auto* hours : {"9-17", "09:00-08:00", "09:00-25:00", "09:00-12:00,11:00-13:00", ","})
    EXPECT_EQ(field({{"LOOMLINE_SERVICE_HOURS", hours}}), "LOOMLINE_SERVICE_HOURS") << hours;
  EXPECT_EQ(field({{"LOOMLINE_SERVICE_HOURS", "00:00-24:00"}}), "");
  EXPECT_EQ(field({{"LOOMLINE_SERVICE_CALENDAR", "/no/such/file"}}), "LOOMLINE_SERVICE_CALENDAR");
}

TEST(Settings, NameTheLineOfACalendar) {
  const auto problem = [](const std::string& csv) {
    const auto spec = service_hours("UTC", "09:00-17:00", csv);
    return spec.ok() ? std::string() : spec.status().violations().at(0).problem;
  };
  EXPECT_EQ(problem("date,kind\r\n2026-01-01,off\r\n"), "");
  EXPECT_EQ(problem("date,kind\n2026-02-30,off\n"), "line 2 is no date and kind");
  EXPECT_EQ(problem("2026-02-03,maybe\n"), "line 1 is no date and kind");
}

}  // namespace
}  // namespace loomline::aftersales
