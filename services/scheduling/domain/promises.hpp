// Promises: made from the plan, kept true against it.
#pragma once

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

// Revises the promises of an order where they can no longer be kept, or can be much better.
void review_promises(PlantStep& step, const std::string& order_id, v1::PromiseReason reason);
// Says the first promise of a line that has just been placed.
void make_promise(PlantStep& step, Order& order, Line& line);
// What a line that would be made by `job` could be promised.
Result<v1::Promise> offer(const planning::Plan& plan, const v1::Plant& plant, const planning::Job& job,
                          std::string_view country, const std::string& zone, std::uint32_t permille, Time now);

}  // namespace loomline::scheduling::domain
