// Products and plants from folders: model.uvl, JSON files of the contract's ProductPackage (several are merged), and
// plant*.json, the contract's Plant.
#pragma once

#include <loomline/configuration/v1/product.pb.h>
#include <loomline/scheduling/v1/plant.pb.h>

#include <string>
#include <vector>

#include "loomline/base/status.hpp"

namespace loomline::demo {

struct Product {
  configuration::v1::ProductPackage package;
  std::vector<scheduling::v1::Plant> plants;
};

// invalid_argument names the file that is missing or wrong.
Result<Product> load_product(const std::string& folder);

}  // namespace loomline::demo
