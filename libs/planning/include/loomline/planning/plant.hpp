// What a plant is made of, as plain structs: machines, crews and material. The service that owns a plant maps them to
// its contracts and its tables. Quantities of items are integers in the item's own smallest unit (pieces, grams,
// millimetres): the caller keeps the scale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loomline/planning/calendar.hpp"

namespace loomline::planning {

// A stretch in which a machine cannot work: a breakdown or planned maintenance. Until it is known when a breakdown
// ends, `period.end` is the present estimate.
struct Down {
  std::string id;
  Interval period;
  std::string reason;
  bool operator==(const Down&) const = default;
};

struct Machine {
  std::string id;
  std::string equipment_class;  // ISA-95: operations ask for a class, or for one of some machines
  std::string calendar;
  int capacity = 1;  // operations at once
  std::vector<Down> downs;
  bool operator==(const Machine&) const = default;
};

// `count` operators of a class, present during the shifts of `calendar`. Crews of one class add up.
struct Crew {
  std::string id;
  std::string operator_class;
  std::string calendar;
  int count = 1;
  bool operator==(const Crew&) const = default;
};

struct Inbound {
  std::string id;
  std::int64_t quantity = 0;
  Time due{};
  bool planned = false;  // proposed by the engine against a shortage (see Item::lead_time), not yet bought
  bool operator==(const Inbound&) const = default;
};

struct Item {
  std::string id;
  std::int64_t on_hand = 0;
  // Elapsed time in which more can be had. Unset: a shortage is an error, not a purchase.
  std::optional<Duration> lead_time;
  std::vector<Inbound> inbound;
  bool operator==(const Item&) const = default;
};

struct Plant {
  std::string id;
  std::string calendar;  // of operations that occupy no machine
  std::vector<CalendarSpec> calendars;
  std::vector<Machine> machines;
  std::vector<Crew> crews;
  std::vector<Item> items;
  // Machine time that stays free in front of an operation when it is given its place, in permille of its setup and run:
  // what takes a little longer than planned then moves few others. 0: booked without a gap, and every delay moves
  // everything behind it. At most 1000.
  int allowance_permille = 0;
  bool operator==(const Plant&) const = default;
};

// invalid_argument with every violation: duplicate ids, unknown calendars or zones, counts and capacities below 1,
// negative quantities, periods that end before they begin.
Status validate(const Plant& plant);

}  // namespace loomline::planning
