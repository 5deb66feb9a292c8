// Two small products, each made in a plant of its own.
#pragma once

#include <vector>

#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/scheduling/v1/plant.pb.h"

namespace loomline::simulation {

inline const std::vector<std::string> kPlants{"plt_a", "plt_b"};
inline const std::vector<std::string> kModels{"mdl_frame", "mdl_stand"};

configuration::v1::ProductPackage product(const std::string& model_id, int warranty_days);
scheduling::v1::Plant plant(const std::string& plant_id);

enum class Fit { buildable, conflicting, unknown_feature, unknown_model };
intake::v1::Wish wish(const std::string& model_id, Fit fit, std::int64_t quantity);

}  // namespace loomline::simulation
