// One inspection: opened after an operation, decided by its measurements, and what follows from a failure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/order.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::quality::domain {

// The control plan reworks by itself up to this attempt (exclusive); then staff decides.
inline constexpr std::uint32_t staff_decides_from_attempt = 3;

// Opens the inspection of one unit after an operation, and the hold where this operation has none on the unit yet.
void open_inspection(Order& order, state::v1::Unit& unit, const scheduling::v1::OperationProgressed& event);
// Cancels what is pending on a unit and releases its holds.
void drop_unit(Order& order, const state::v1::Unit& unit, const Timestamp& at);

// The rework operations of the characteristics that failed, each once, in the control plan's order. Empty where one of
// them names none: then there is no rework routing.
std::vector<std::string> rework_operations(const v1::Inspection& inspection);
// Passed or failed, with everything that follows.
void decide(Order& order, v1::Inspection& inspection, const Timestamp& at);
void dispose(Order& order, v1::Inspection& inspection, v1::Disposition disposition, bool automatic,
             const Timestamp& at);

}  // namespace loomline::quality::domain
