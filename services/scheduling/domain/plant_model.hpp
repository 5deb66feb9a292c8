// A plant's contract in the words of the planning library. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/vocabulary.hpp"
#include "loomline/planning/plant.hpp"
#include "loomline/planning/promise.hpp"

namespace loomline::scheduling::domain {

// invalid_argument with every violation, by the contract's field paths.
Status check_plant(const v1::Plant& plant);
Status check_supply(const std::string& field, const v1::MaterialSupply& supply);

// Calendars, machines and crews, without stock. The plant must be valid.
planning::Plant plant_model(const v1::Plant& plant);

// In millionths of the unit; nullopt where it is negative, out of range, or has more than six decimal places.
std::optional<std::int64_t> in_millionths(const common::v1::Quantity& quantity);

// The way to a country: its leg, else the one for everywhere else, else two to four days.
v1::TransportLeg leg_to(const v1::Plant& plant, std::string_view country);
planning::Dispatch dispatch_of(const v1::Plant& plant, std::string_view country, const std::string& zone);

}  // namespace loomline::scheduling::domain
