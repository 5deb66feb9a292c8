#include "story.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace loomline::demo {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::array<Place, 6> kPlaces{{
    {"CN", "Asia/Shanghai", "zh-CN", "Suzhou"},
    {"DE", "Europe/Berlin", "en", "Stuttgart"},
    {"US", "America/Chicago", "en", "Columbus"},
    {"GB", "Europe/London", "en", "Leeds"},
    {"JP", "Asia/Tokyo", "en", "Nagoya"},
    {"FR", "Europe/Paris", "en", "Lyon"},
}};
constexpr int kOrdersADay = 20;

// The n-th working day after the first.
Time working_day(Time first, int n) {
  Time day = working_midnight(first);
  for (; n > 0; --n) day = working_midnight(day + days(1));
  return day;
}

}  // namespace

std::string_view name(Ending ending) {
  switch (ending) {
    case Ending::surveyed:
      return "surveyed";
    case Ending::refused:
      return "refused";
    case Ending::cancelled:
      return "cancelled";
    case Ending::cancellation_refused:
      return "cancellation_refused";
  }
  return "unknown";
}

Time working_midnight(Time time) {
  auto day = std::chrono::floor<days>(time);
  if (day < time) day += days(1);
  while (std::chrono::weekday(day).iso_encoding() > 5) day += days(1);
  return day;
}

Time on_grid(Time time, Duration quantum) {
  const auto rest = time.time_since_epoch() % quantum;
  return rest == Duration::zero() ? time : time - rest + quantum;
}

std::vector<PlannedOrder> make_story(const StoryOptions& options, const factory::Draws& draws) {
  std::vector<PlannedOrder> out;
  const int total = options.orders + options.invalid;
  const int working_days = std::max(1, (total + kOrdersADay - 1) / kOrdersADay);
  for (int i = 0; i < total; ++i) {
    PlannedOrder order;
    order.number = i + 1;
    order.label = "demo-" + std::to_string(i + 1);
    const auto draw = [&](const char* what) { return "story/" + order.label + "/" + what; };
    order.product = static_cast<std::size_t>(i) % options.products;
    order.place = kPlaces[draws.below(draw("place"), kPlaces.size())];
    order.quantity = draws.chance(draw("quantity"), 100) ? 2 : 1;
    const int day = static_cast<int>(draws.below(draw("day"), static_cast<std::uint64_t>(working_days)));
    const auto minute = std::chrono::minutes(8 * 60 + draws.below(draw("minute"), 9 * 60));
    order.arrival = on_grid(working_day(options.first_day, day) + minute, options.quantum);
    if (i >= options.orders) {
      order.ending = Ending::refused;
      order.quantity = 1;
    } else {
      order.asks_back = i % 10 == 3;
      order.opens_ticket = i % 25 == 4;
      // One in forty changes their mind within hours, and one asks when it is on its way.
      if (i % 40 == 9) {
        order.ending = Ending::cancelled;
        order.cancel_at = order.arrival + hours(1 + draws.below(draw("cancel"), 3));
      } else if (i == 6) {
        order.ending = Ending::cancellation_refused;
      }
    }
    out.push_back(std::move(order));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const PlannedOrder& a, const PlannedOrder& b) { return a.arrival < b.arrival; });
  return out;
}

}  // namespace loomline::demo
