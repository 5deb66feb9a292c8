// Work orders as the shop floor sees them.
#pragma once

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

// As the contract has it.
production::v1::WorkOrder as_offered(std::string_view plant_id, std::string_view unit_name, const Unit& unit,
                                     const Routing& routing, const WorkOrder& work_order);
void offer_work_order(PlantStep& step, const Piece& piece, const WorkOrder& work_order, Time at);

}  // namespace loomline::scheduling::domain
