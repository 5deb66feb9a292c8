// What is to happen, from a seed alone: who orders what when, and how it shall end. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loomline/base/time.hpp"
#include "loomline/factory/draws.hpp"

namespace loomline::demo {

enum class Ending {
  surveyed,              // delivered, and the customer answered the survey
  refused,               // cannot be built, with a named conflict
  cancelled,             // the customer changed their mind in time
  cancellation_refused,  // asked too late: shipped already; goes on to the survey
};
// "surveyed", ...
std::string_view name(Ending ending);

struct Place {
  const char* country;
  const char* zone;
  const char* locale;
  const char* city;
};

struct PlannedOrder {
  int number = 0;     // 1, 2, 3...
  std::string label;  // "demo-12": stable between runs
  std::size_t product = 0;
  Ending ending = Ending::surveyed;
  Time arrival{};
  Time cancel_at{};  // where it is cancelled in time
  Place place{};
  std::int64_t quantity = 1;
  bool asks_back = false;     // the ship-to is missing at first: one round of questions
  bool opens_ticket = false;  // asks something after delivery
};

struct StoryOptions {
  int orders = 200, invalid = 20;
  std::size_t products = 2;
  Time first_day{};  // midnight, UTC, of the first working day
  std::chrono::minutes quantum{15};
};

// By arrival. About 20 orders a working day, on the quantum's grid; both products, several countries.
std::vector<PlannedOrder> make_story(const StoryOptions& options, const factory::Draws& draws);

// The midnight of the first Monday to Friday at or after `time`.
Time working_midnight(Time time);
// The first multiple of `quantum` at or after `time`.
Time on_grid(Time time, Duration quantum);

}  // namespace loomline::demo
