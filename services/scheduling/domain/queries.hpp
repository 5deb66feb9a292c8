// Answers over a plant as it was last committed. Each costs what it answers, not what the plant holds.
#pragma once

#include <string>

#include "domain/plant_view.hpp"

namespace loomline::scheduling::domain {

// Of one order, or where `order_id` is empty of all that is open (that is the whole plan).
v1::GetPlanResponse plan_of(const PlantView& plant, const std::string& order_id, Time now);
// invalid_argument SINCE where `since` is no cursor; out_of_range CURSOR_TOO_OLD.
Result<production::v1::ListWorkOrdersResponse> work_orders_of(const PlantView& plant,
                                                              const production::v1::ListWorkOrdersRequest& request);
production::v1::ListShipmentsResponse shipments_of(const PlantView& plant, bool include_delivered);

}  // namespace loomline::scheduling::domain
