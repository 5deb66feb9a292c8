// The calendars of a plant's equipment, from its contract. Pure.
#pragma once

#include <loomline/scheduling/v1/plant.pb.h>

#include <map>
#include <memory>
#include <string>

#include "loomline/base/status.hpp"
#include "loomline/factory/contracts.hpp"
#include "loomline/planning/calendar.hpp"

namespace loomline::factory {

using CalendarsByEquipment = std::map<std::string, std::shared_ptr<const planning::Calendar>, std::less<>>;

Result<CalendarsByEquipment> equipment_calendars(const scheduling::Plant& plant);

}  // namespace loomline::factory
