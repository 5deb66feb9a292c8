// The bill of materials, routing and control plan of one configuration: no condition is left in it.
#pragma once

#include "loomline/production/v1/spec.pb.h"
#include "product.hpp"

namespace loomline::configuration::domain {

// Operations keep the author's order. A predecessor that does not apply is replaced by its own predecessors; material
// of an operation that does not apply is needed at the first operation; rework names only operations that apply.
production::v1::ManufacturingSpec resolve_spec(const Product& product, const variability::Configuration& configuration);

}  // namespace loomline::configuration::domain
