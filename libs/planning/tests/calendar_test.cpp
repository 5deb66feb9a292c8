#include "loomline/planning/calendar.hpp"

#include <gtest/gtest.h>

namespace loomline::planning {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Time at(const char* text) { return parse_rfc3339(text).value(); }
std::shared_ptr<const Calendar> make(CalendarSpec spec) { return Calendar::make(std::move(spec)).value(); }
Hours day(int from, int to) { return {hours{from}, hours{to}}; }

TEST(Calendar, WorksWithinItsShiftsAndRestsOverTheWeekend) {
  const auto c = make(weekly("c", "Asia/Shanghai", 1, 5, {day(8, 12), day(13, 17)}));
  EXPECT_EQ(c->next_working(at("2026-11-20T08:00:00Z")), at("2026-11-20T08:00:00Z"));  // Friday 16:00
  EXPECT_EQ(c->next_working(at("2026-11-20T09:00:00Z")), at("2026-11-23T00:00:00Z"));  // Friday 17:00 -> Monday 8:00
  EXPECT_EQ(c->add_work(at("2026-11-20T08:30:00Z"), hours{1}), at("2026-11-23T00:30:00Z"));
  EXPECT_EQ(c->add_work(at("2026-11-20T03:00:00Z"), hours{2}), at("2026-11-20T06:00:00Z"));  // over the lunch break
  EXPECT_EQ(c->work_between(at("2026-11-16T00:00:00Z"), at("2026-11-23T00:00:00Z")), hours{40});
  EXPECT_EQ(c->subtract_work(at("2026-11-23T00:30:00Z"), hours{1}), at("2026-11-20T08:30:00Z"));
}

TEST(Calendar, WorkThatEndsWithTheShiftEndsThere) {
  const auto c = make(weekly("c", "UTC", 1, 5, {day(8, 16)}));
  EXPECT_EQ(c->add_work(at("2026-11-23T08:00:00Z"), hours{8}), at("2026-11-23T16:00:00Z"));
  EXPECT_EQ(c->add_work(at("2026-11-23T16:00:00Z"), Duration{}), at("2026-11-23T16:00:00Z"));
  EXPECT_EQ(c->add_work(at("2026-11-23T16:00:00Z"), minutes{1}), at("2026-11-24T08:01:00Z"));
}

TEST(Calendar, TheNightOfAClockChangeIsAnHourLongerOrShorter) {
  const auto c = make(weekly("night", "Europe/Berlin", 1, 7, {day(22, 6)}));
  EXPECT_EQ(c->work_between(at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z")), hours{9});  // back
  EXPECT_EQ(c->work_between(at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")), hours{7});  // forward
  EXPECT_EQ(c->work_between(at("2026-06-01T12:00:00Z"), at("2026-06-02T12:00:00Z")), hours{8});
}

TEST(Calendar, AShiftThatBeginsInASkippedHourBeginsWithTheSkip) {
  const auto c = make(weekly("early", "Europe/Berlin", 7, 7, {{minutes{150}, minutes{240}}}));  // 02:30 to 04:00
  EXPECT_EQ(c->next_working(at("2026-03-28T23:00:00Z")), at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(c->work_between(at("2026-03-28T23:00:00Z"), at("2026-03-29T12:00:00Z")), hours{1});
}

TEST(Calendar, HolidaysAndOvertimeReplaceTheShiftsOfTheirDay) {
  auto spec = weekly("c", "UTC", 1, 5, {day(8, 16)});
  spec.exceptions.push_back({std::chrono::year{2026} / 12 / 25, {}, "Christmas"});
  spec.exceptions.push_back({std::chrono::year{2026} / 12 / 26, {day(8, 12)}, "overtime"});
  const auto c = make(spec);
  EXPECT_EQ(c->next_working(at("2026-12-24T16:00:00Z")), at("2026-12-26T08:00:00Z"));
  EXPECT_EQ(c->work_between(at("2026-12-21T00:00:00Z"), at("2026-12-28T00:00:00Z")), hours{36});
}

TEST(Calendar, AroundTheClockIsOneStretch) {
  const auto c = make(around_the_clock("all", "Asia/Shanghai"));
  const auto from = at("2026-11-23T03:04:05Z");
  EXPECT_EQ(c->next_working(from), from);
  EXPECT_EQ(c->add_work(from, hours{24 * 900}), from + hours{24 * 900});
  EXPECT_GE(c->window(from, hours{24 * 400})->length(), hours{24 * 400});
}

TEST(Calendar, ACalendarWithoutShiftsNeverWorks) {
  const auto c = make({"none", "UTC", {}, {}});
  EXPECT_EQ(c->next_working(at("2026-11-23T03:04:05Z")), kNever);
  EXPECT_EQ(c->add_work(at("2026-11-23T03:04:05Z"), hours{1}), kNever);
  EXPECT_EQ(c->add_work(kNever, hours{1}), kNever);
}

TEST(Calendar, RefusesWhatIsNoCalendar) {
  EXPECT_EQ(Calendar::make({"x", "Mars/Olympus", {}, {}}).status().violations().at(0).field, "zone");
  EXPECT_EQ(Calendar::make({"x", "UTC", {{8, day(1, 2)}}, {}}).status().violations().at(0).field, "shifts[0].weekday");
  EXPECT_EQ(Calendar::make({"x", "UTC", {{1, {hours{25}, hours{26}}}}, {}}).status().violations().at(0).field,
            "shifts[0]");
}

// Addition and measurement agree wherever one looks, over a year with two clock changes.
TEST(Calendar, AddWorkAndWorkBetweenAreInverse) {
  const auto c = make(weekly("c", "America/New_York", 1, 6, {day(6, 14), day(22, 2)}));
  auto t = at("2026-01-01T00:00:00Z");
  for (int i = 0; i < 4000; ++i, t += minutes{131}) {
    const Duration work = minutes{1 + (i * 37) % 4000};
    const auto end = c->add_work(t, work);
    ASSERT_EQ(c->work_between(t, end), work) << format_rfc3339(t);
    ASSERT_LE(c->add_work(c->subtract_work(t, work), work), t) << format_rfc3339(t);
  }
}

TEST(Calendar, LocalDaysFollowTheZone) {
  EXPECT_EQ(local_day_begin("Asia/Shanghai", at("2026-11-22T17:00:00Z")), at("2026-11-22T16:00:00Z"));
  EXPECT_EQ(local_day_end("Asia/Shanghai", at("2026-11-22T15:59:59Z")), at("2026-11-22T16:00:00Z"));
  EXPECT_FALSE(zone_known("Nowhere/At_All"));
}

}  // namespace
}  // namespace loomline::planning
