// Shipments, and orders that end.
#pragma once

#include <string>
#include <vector>

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

// The parts of all units of an order.
std::vector<std::string> names_of_units(const PlantStep& step, const std::string& order_id);

// Plans the shipment of an order whose units are all complete.
void plan_shipment(PlantStep& step, Order& order, Time at);
// Delivered, or cancelled with nothing running: the order leaves the plant.
void forget_order(PlantStep& step, const std::string& order_id);

}  // namespace loomline::scheduling::domain
