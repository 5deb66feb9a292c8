// Small plants for the tests.
#pragma once

#include "loomline/planning/engine.hpp"

namespace loomline::planning {

using std::chrono::hours;
using std::chrono::minutes;

inline Time at(const char* text) { return parse_rfc3339(text).value(); }
inline const Time kMonday = at("2026-11-23T00:00:00Z");

// Two mills (one shift, 8 to 16 UTC on weekdays), one oven around the clock, two fitters on the mills' shift; ten
// blanks, ten more on Wednesday noon; bolts can be bought within two days.
inline Plant small_plant() {
  Plant p;
  p.id = "plt_test";
  p.calendar = "shift";
  p.calendars = {weekly("shift", "UTC", 1, 5, {{hours{8}, hours{16}}}), around_the_clock("always", "UTC")};
  p.machines = {
      {"mill-1", "mill", "shift", 1, {}}, {"mill-2", "mill", "shift", 1, {}}, {"oven", "oven", "always", 2, {}}};
  p.crews = {{"fitters", "fitter", "shift", 2}};
  p.items = {{"blank", 10, {}, {{"in-1", 10, at("2026-11-25T12:00:00Z"), false}}}, {"bolt", 0, hours{48}, {}}};
  return p;
}

inline Operation op(std::string id, std::string equipment_class, Duration run, std::vector<std::string> after = {}) {
  Operation o;
  o.op_id = std::move(id);
  o.equipment_class = std::move(equipment_class);
  o.run = run;
  o.predecessors = std::move(after);
  return o;
}

inline Demand demand(std::string id, std::vector<Operation> operations) {
  return {std::move(id), {}, std::move(operations)};
}

}  // namespace loomline::planning
