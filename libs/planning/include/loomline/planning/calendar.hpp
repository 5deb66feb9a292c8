// Working calendars: weekly shifts in an IANA zone with exceptions by date, expanded to UTC. A shift is written in
// local time, so the night shift of a clock change really lasts an hour more or less (DST-correct).
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"

namespace loomline::planning {

// "It does not happen": later than every instant that a calendar can give.
inline constexpr Time kNever = Time::max();

// Half-open: [begin, end).
struct Interval {
  Time begin{};
  Time end{};
  bool operator==(const Interval&) const = default;
  auto operator<=>(const Interval&) const = default;
  Duration length() const { return end - begin; }
};

// Minutes after local midnight. `to` at or before `from` means "on the next day"; 0 to 1440 is the whole day.
struct Hours {
  std::chrono::minutes from{};
  std::chrono::minutes to{};
  bool operator==(const Hours&) const = default;
};

struct Shift {
  int weekday = 1;  // ISO 8601: 1 is Monday, 7 Sunday; the day on which the shift begins
  Hours hours;
  bool operator==(const Shift&) const = default;
};

// Replaces the shifts that begin on `date`: no hours is a holiday, other hours are overtime or a short day.
struct CalendarException {
  std::chrono::year_month_day date;
  std::vector<Hours> hours;
  std::string note;
  bool operator==(const CalendarException&) const = default;
};

struct CalendarSpec {
  std::string id;
  std::string zone = "UTC";  // IANA name
  std::vector<Shift> shifts;
  std::vector<CalendarException> exceptions;
  bool operator==(const CalendarSpec&) const = default;
};

// Monday to Sunday, 24 hours.
CalendarSpec around_the_clock(std::string id, std::string zone);
// `first` to `last` weekday with the same hours.
CalendarSpec weekly(std::string id, std::string zone, int first, int last, std::vector<Hours> hours);

// A compiled calendar. Immutable to its users; the expansion grows as it is asked, so every member may be called from
// several threads, and a look-up in what is expanded takes no lock. Look-ups are O(log n) in the shifts expanded; an
// instant more than about five years of no work away from the one asked about is kNever.
class Calendar {
 public:
  // invalid_argument: unknown zone, weekday outside 1..7, hours outside a day.
  static Result<std::shared_ptr<const Calendar>> make(CalendarSpec spec);

  const CalendarSpec& spec() const { return spec_; }

  // The first working instant at or after `at`; kNever where none comes.
  Time next_working(Time at) const;
  bool is_working(Time at) const { return next_working(at) == at; }

  // When work of this duration is done that starts at `at` and rests outside the shifts. Zero work is done at `at`.
  Time add_work(Time at, Duration work) const;
  // The latest instant from which `work` fits before `at`: add_work(subtract_work(at, w), w) <= at.
  Time subtract_work(Time at, Duration work) const;
  // Working time in [from, to); zero where to <= from.
  Duration work_between(Time from, Time to) const;

  // The stretch of work at or after `at`, cut to begin no earlier than `at`. Its end is the end of the shift, or at
  // least `need` after its begin where the calendar goes on. nullopt: none comes.
  std::optional<Interval> window(Time at, Duration need) const;

  // Every stretch of work that reaches into [from, to), cut to it: in order, disjoint, not touching.
  std::vector<Interval> stretches(Time from, Time to) const;

  // The local midnight that begins the local day of `at`, and the one that ends it.
  Time day_begin(Time at) const;
  Time day_end(Time at) const;

 private:
  struct Table;
  explicit Calendar(CalendarSpec spec);
  const Table& covering(Time from, Time to) const;
  std::unique_ptr<const Table> expand(std::chrono::sys_days first, std::chrono::sys_days last) const;

  CalendarSpec spec_;
  mutable std::atomic<const Table*> current_{nullptr};
  mutable std::mutex growing_;
  mutable std::vector<std::unique_ptr<const Table>> tables_;  // all that ever were: somebody may be reading them

 public:
  ~Calendar();
};

// Local midnights in a zone, without a calendar. `zone` must be a known name (check with zone_known).
bool zone_known(std::string_view zone);
Time local_day_begin(std::string_view zone, Time at);
Time local_day_end(std::string_view zone, Time at);

}  // namespace loomline::planning
