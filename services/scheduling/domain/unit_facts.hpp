// What can be read off one unit: its names, and what counts of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/vocabulary.hpp"

namespace loomline::scheduling::domain {

// "000000000042": numbers that sort as text.
std::string twelve_digits(std::uint64_t number);

// The names of a line's units begin with this; an order's with "<order_id>/".
std::string units_of(std::string_view order_id, std::string_view line_id);
std::string unit_name(std::string_view order_id, std::string_view line_id, const Unit& unit);
// The order and the line that a part "unit" names.
std::string_view order_of(std::string_view unit_name);
std::string_view line_of(std::string_view unit_name);

// The unit's job in the plan, and its number again.
std::string job_id(const Unit& unit);
std::optional<std::uint64_t> number_of(std::string_view job_id);

// Scrapped and cancelled units no longer count.
inline bool counts(const Unit& unit) {
  return unit.state() != state::v1::UNIT_STATE_REPLACED && unit.state() != state::v1::UNIT_STATE_CANCELLED;
}
// It has a place in the plan, but its line is not released yet.
inline bool held(const Unit& unit) {
  return unit.state() == state::v1::UNIT_STATE_WAITING && unit.work_orders_size() > 0;
}
inline bool released(const WorkOrder& work_order) {
  return work_order.state() != production::v1::WORK_ORDER_STATE_UNSPECIFIED;
}

inline bool running(const Operation& op) {
  return op.state() == production::v1::OPERATION_STATE_RUNNING ||
         op.state() == production::v1::OPERATION_STATE_INTERRUPTED;
}
inline bool begun(const Operation& op) { return running(op) || op.state() == production::v1::OPERATION_STATE_ENDED; }
bool any_running(const Unit& unit);

// When the last of it that is in the plan is to be finished: Time::max() where something has no place; none where
// nothing is in the plan.
std::optional<Time> planned_finish(const Unit& unit);

Tally tally_of(const Unit& unit);
bool same(const Tally& a, const Tally& b);
// sum += after - before.
void adjust(Tally& sum, const Tally& before, const Tally& after);

}  // namespace loomline::scheduling::domain
