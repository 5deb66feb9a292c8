#include "loomline/planning/calendar.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <algorithm>
#include <map>

namespace loomline::planning {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr minutes kDay{1440};
constexpr days kMargin{3};   // a night shift and any zone offset reach less far than this
constexpr days kChunk{128};  // what one expansion adds at least
constexpr days kHorizon{5 * 366};
// No calendar is asked about other centuries; a wrong date must not be expanded day by day up to there.
constexpr Time kFirst = sys_days{std::chrono::year{1970} / 1 / 1};
constexpr Time kLast = sys_days{std::chrono::year{2200} / 1 / 1};

const date::time_zone* zone_or_null(std::string_view zone) {
  try {
    return date::locate_zone(std::string(zone));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

// A wall-clock reading as an instant. A reading that occurs twice means the first time; one that is skipped means the
// moment of the skip. Both are monotone, so shifts that meet in local time meet in UTC.
Time instant(const date::time_zone& zone, sys_days day, minutes of_day) {
  const auto local = date::local_days{day.time_since_epoch()} + of_day;
  return std::chrono::time_point_cast<Duration>(zone.to_sys(local, date::choose::earliest));
}

sys_days local_day(const date::time_zone& zone, Time at) {
  return sys_days{date::floor<date::days>(zone.to_local(at)).time_since_epoch()};
}

sys_days day_of(Time at) { return std::chrono::floor<days>(at); }

int iso_weekday(sys_days day) { return static_cast<int>(std::chrono::weekday{day}.iso_encoding()); }

Status check_hours(const Hours& hours, const std::string& field) {
  if (hours.from < minutes{0} || hours.from >= kDay || hours.to < minutes{0} || hours.to > kDay)
    return invalid(field, "lies outside of a day", "give minutes after midnight, 0 to 1440");
  return {};
}

}  // namespace

struct Calendar::Table {
  sys_days first, last;             // local days expanded, both included
  std::vector<Interval> intervals;  // sorted, disjoint, not touching
  std::vector<Duration> before;     // work before the i-th interval
  Time covers_from() const { return Time(first) + kMargin; }
  Time covers_to() const { return Time(last) - kMargin; }
  // The first interval that ends after `at`.
  std::size_t at(Time at) const {
    const auto it =
        std::upper_bound(intervals.begin(), intervals.end(), at, [](Time t, const Interval& i) { return t < i.end; });
    return static_cast<std::size_t>(it - intervals.begin());
  }
  Duration work_until(Time t) const {
    const auto i = at(t);
    if (i == intervals.size()) return intervals.empty() ? Duration{} : before.back() + intervals.back().length();
    return before[i] + std::max(Duration{}, t - intervals[i].begin);
  }
};

CalendarSpec around_the_clock(std::string id, std::string zone) {
  return weekly(std::move(id), std::move(zone), 1, 7, {{minutes{0}, kDay}});
}

CalendarSpec weekly(std::string id, std::string zone, int first, int last, std::vector<Hours> hours) {
  CalendarSpec spec{std::move(id), std::move(zone), {}, {}};
  for (int weekday = first; weekday <= last; ++weekday)
    for (const auto& h : hours) spec.shifts.push_back({weekday, h});
  return spec;
}

Result<std::shared_ptr<const Calendar>> Calendar::make(CalendarSpec spec) {
  if (zone_or_null(spec.zone) == nullptr)
    return invalid("zone", "'" + spec.zone.substr(0, 60) + "' is not a known time zone",
                   "give an IANA name such as Asia/Shanghai");
  for (std::size_t i = 0; i < spec.shifts.size(); ++i) {
    const auto field = "shifts[" + std::to_string(i) + "]";
    if (spec.shifts[i].weekday < 1 || spec.shifts[i].weekday > 7)
      return invalid(field + ".weekday", "is not a day of the week", "give 1 (Monday) to 7 (Sunday)");
    if (auto status = check_hours(spec.shifts[i].hours, field); !status.ok()) return status;
  }
  for (std::size_t i = 0; i < spec.exceptions.size(); ++i) {
    const auto field = "exceptions[" + std::to_string(i) + "]";
    if (!spec.exceptions[i].date.ok()) return invalid(field + ".date", "is not a date", "give YYYY-MM-DD");
    for (const auto& hours : spec.exceptions[i].hours)
      if (auto status = check_hours(hours, field); !status.ok()) return status;
  }
  return std::shared_ptr<const Calendar>(new Calendar(std::move(spec)));
}

Calendar::Calendar(CalendarSpec spec) : spec_(std::move(spec)) {}
Calendar::~Calendar() = default;

std::unique_ptr<const Calendar::Table> Calendar::expand(sys_days first, sys_days last) const {
  const auto& zone = *zone_or_null(spec_.zone);
  std::map<sys_days, const CalendarException*> exceptions;
  for (const auto& e : spec_.exceptions) exceptions[sys_days{e.date}] = &e;

  std::vector<Interval> raw;
  const auto add = [&](sys_days day, const Hours& h) {
    const auto to = h.to <= h.from ? h.to + kDay : h.to;
    const Interval i{instant(zone, day, h.from), instant(zone, day, to)};
    if (i.begin < i.end) raw.push_back(i);
  };
  for (auto day = first; day <= last; day += days{1}) {
    if (const auto it = exceptions.find(day); it != exceptions.end()) {
      for (const auto& h : it->second->hours) add(day, h);
      continue;
    }
    for (const auto& s : spec_.shifts)
      if (s.weekday == iso_weekday(day)) add(day, s.hours);
  }
  std::sort(raw.begin(), raw.end());

  auto table = std::make_unique<Table>();
  table->first = first;
  table->last = last;
  for (const auto& i : raw) {
    if (!table->intervals.empty() && i.begin <= table->intervals.back().end)
      table->intervals.back().end = std::max(table->intervals.back().end, i.end);
    else
      table->intervals.push_back(i);
  }
  Duration sum{};
  for (const auto& i : table->intervals) {
    table->before.push_back(sum);
    sum += i.length();
  }
  return table;
}

const Calendar::Table& Calendar::covering(Time from, Time to) const {
  from = std::clamp(from, kFirst, kLast);
  to = std::clamp(to, kFirst, kLast);
  const auto covers = [&](const Table* t) { return t != nullptr && t->covers_from() <= from && to <= t->covers_to(); };
  if (const auto* known = current_.load(std::memory_order_acquire); covers(known)) return *known;
  const std::lock_guard lock(growing_);
  const auto* known = current_.load(std::memory_order_relaxed);
  if (covers(known)) return *known;
  auto first = day_of(from) - kMargin - days{1}, last = day_of(to) + kMargin + kChunk;
  if (known != nullptr) {
    const auto more = std::min(kHorizon / 5, (known->last - known->first) / 2);
    if (last > known->last) last += more;  // so that many small steps do not expand everything again and again
    first = std::min(first, known->first);
    last = std::max(last, known->last);
  }
  tables_.push_back(expand(first, last));
  current_.store(tables_.back().get(), std::memory_order_release);
  return *tables_.back();
}

std::optional<Interval> Calendar::window(Time at, Duration need) const {
  if (at >= kNever - kHorizon - need) return std::nullopt;
  for (days reach{14}; reach <= kHorizon; reach *= 4) {
    const auto& table = covering(at, at + need + reach);
    const auto i = table.at(at);
    if (i == table.intervals.size()) continue;
    const auto begin = std::max(at, table.intervals[i].begin);
    // The last interval may go on beyond what is expanded: it counts once it is long enough or surely ended.
    const auto end = table.intervals[i].end;
    if (end - begin >= need || end < table.covers_to()) return Interval{begin, end};
  }
  return std::nullopt;
}

Time Calendar::next_working(Time at) const {
  const auto found = window(at, Duration{1});
  return found ? found->begin : kNever;
}

Time Calendar::add_work(Time at, Duration work) const {
  if (work <= Duration{}) return at;
  if (at >= kNever - kHorizon - work) return kNever;
  for (days reach{14}; reach <= 2 * kHorizon; reach *= 2) {
    const auto& table = covering(at, at + work + reach);
    const auto target = table.work_until(at) + work;
    // The last interval that begins with less than the target done: the target lies in it, or beyond what is expanded.
    const auto it = std::lower_bound(table.before.begin(), table.before.end(), target);
    if (it == table.before.begin()) continue;
    const auto i = static_cast<std::size_t>(it - table.before.begin()) - 1;
    if (table.before[i] + table.intervals[i].length() < target) continue;
    return table.intervals[i].begin + (target - table.before[i]);
  }
  return kNever;
}

Time Calendar::subtract_work(Time at, Duration work) const {
  if (work <= Duration{}) return at;
  for (days reach{14}; reach <= 2 * kHorizon; reach *= 2) {
    const auto& table = covering(at - work - reach, at);
    const auto target = table.work_until(at) - work;
    if (target < table.work_until(table.covers_from())) continue;
    const auto it = std::upper_bound(table.before.begin(), table.before.end(), target);
    if (it == table.before.begin()) continue;
    const auto i = static_cast<std::size_t>(it - table.before.begin()) - 1;
    return table.intervals[i].begin + std::min(target - table.before[i], table.intervals[i].length());
  }
  return Time::min();
}

Duration Calendar::work_between(Time from, Time to) const {
  if (to <= from) return Duration{};
  const auto& table = covering(from, to);
  return table.work_until(to) - table.work_until(from);
}

std::vector<Interval> Calendar::stretches(Time from, Time to) const {
  std::vector<Interval> found;
  if (from >= to) return found;
  const auto& table = covering(from, to);
  for (auto i = table.at(from); i < table.intervals.size() && table.intervals[i].begin < to; ++i)
    found.push_back({std::max(from, table.intervals[i].begin), std::min(to, table.intervals[i].end)});
  return found;
}

Time Calendar::day_begin(Time at) const { return local_day_begin(spec_.zone, at); }
Time Calendar::day_end(Time at) const { return local_day_end(spec_.zone, at); }

bool zone_known(std::string_view zone) { return zone_or_null(zone) != nullptr; }

Time local_day_begin(std::string_view zone, Time at) {
  const auto& z = *date::locate_zone(std::string(zone));
  return instant(z, local_day(z, at), minutes{0});
}

Time local_day_end(std::string_view zone, Time at) {
  const auto& z = *date::locate_zone(std::string(zone));
  return instant(z, local_day(z, at) + days{1}, minutes{0});
}

}  // namespace loomline::planning
