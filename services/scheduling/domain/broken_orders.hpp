// An order whose data breaks a rule does not stop its plant: it is parked. Its work leaves the plan, operators see a
// LineUnschedulable "ORDER_PARKED: why" for each line, commands about it are refused, events for it are kept.
// Publishing the plant again tries it again.
#pragma once

#include <string>

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

void park(PlantStep& step, const std::string& order_id, const std::string& why);

// True where the order is parked: what came for it is kept for when it no longer is.
bool keep_for_parked(PlantStep& step, const Order& order, const v1::DemandPlaced& event);
bool keep_for_parked(PlantStep& step, const Order& order, const v1::DemandCancellationRequested& event);
bool keep_for_parked(PlantStep& step, const Order& order, const v1::InspectionDecided& event);
bool keep_for_parked(PlantStep& step, const Order& order, const state::v1::MaterialDue& due);
bool keep_for_parked(PlantStep& step, const Order& order, const state::v1::ReofferDue& due);

// Before the plan is made anew: what is parked, except what was found broken in this very step, is to be put into it.
// Gives those orders.
std::set<std::string> unpark(PlantStep& step);
// What was kept for an order is done.
void replay(PlantStep& step, const std::string& order_id);

}  // namespace loomline::scheduling::domain
