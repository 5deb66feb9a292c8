// A product as its author keeps it: one JSON file of the contract's ProductPackage, or a folder with model.uvl, JSON
// files that are merged into one package, and plant*.json, the plants that make it.
#pragma once

#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/configuration/v1/product.pb.h"
#include "loomline/scheduling/v1/plant.pb.h"

namespace loomline::cli {

struct ProductFiles {
  configuration::v1::ProductPackage package;
  std::vector<scheduling::v1::Plant> plants;
};

// `uvl` empty: the folder's model.uvl, or what the JSON holds. invalid_argument names the file.
Result<ProductFiles> read_product(const std::string& path, const std::string& uvl);

}  // namespace loomline::cli
