// A plant's material and breakdowns: what is on hand, what comes in, what is out of order.
#pragma once

#include <string>

#include "domain/vocabulary.hpp"
#include "loomline/eventing/parts.hpp"
#include "loomline/planning/plan.hpp"

namespace loomline::scheduling::domain {

class PlantStep;

// The name of the part "inbound".
std::string inbound_name(const std::string& item_id, const std::string& inbound_id);

// An item as the parts have it, for the plan; on hand 0 where they do not know it.
planning::Item item_of(const eventing::PartStore& parts, const std::string& item_id, Duration lead_time);
// The plan knows the item from here on: as the parts have it, where it did not.
void know_item(planning::Plan& plan, const eventing::PartStore& parts, const std::string& item_id, Duration lead_time);
// Brings the plan up to what the parts say of an item that it knows: what is on hand, one inbound quantity.
void follow_stock(planning::Plan& plan, const eventing::PartStore& parts, const std::string& item_id);
void follow_inbound(planning::Plan& plan, const eventing::PartStore& parts, const std::string& item_id,
                    const std::string& inbound_id);
planning::Down down_of(const state::v1::Down& down);
// In which time an item that is short can be had.
Duration lead_time(const v1::Plant& plant);

// Material whose time has come counts as received; breakdowns long past are forgotten, and one that is overdue lasts.
void tidy(PlantStep& step);
// Adds a supply to the books; invalid_argument where the item is counted in another unit.
Status book(PlantStep& step, const std::string& field, const v1::MaterialSupply& supply);
// Writes back what the plan made of an item, or of one of its inbound quantities.
void write_item(PlantStep& step, const std::string& item_id);
void write_inbound(PlantStep& step, const std::string& item_id, const std::string& inbound_id);

}  // namespace loomline::scheduling::domain
