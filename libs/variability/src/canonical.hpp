// The canonical text of a model (see ProductModel::canonical).
#pragma once

#include <string>

#include "loomline/variability/model.hpp"

namespace loomline::variability {

std::string canonical_text(const ProductModel& model);

}  // namespace loomline::variability
