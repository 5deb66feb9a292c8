// What the plan says of a unit, written back into its part.
#pragma once

#include <string>

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

// `job` nullptr: the unit has left the plan, and so have its operations. A unit that says so already is not touched.
void write_job(PlantStep& step, const std::string& unit_name, const planning::Job* job);

// Something that came free, as the plan has it now; gone where it ends no later than it begins.
void write_freed(PlantStep& step, const planning::Freed& freed);

// The work order of a unit that is not stored yet takes its places over.
void copy_places(const planning::Job& job, WorkOrder& work_order);

}  // namespace loomline::scheduling::domain
