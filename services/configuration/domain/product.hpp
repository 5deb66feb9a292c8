// A product, checked and compiled: its package, the reasoner over its model, and every condition parsed. Immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/configuration/v1/product.pb.h"
#include "loomline/variability/price.hpp"
#include "loomline/variability/reasoner.hpp"

namespace loomline::configuration::domain {

struct Product {
  v1::ProductPackage package;
  std::string content_hash;  // see content_hash()
  std::unique_ptr<const variability::Reasoner> reasoner;
  variability::PriceRule price_rule;
  variability::CoreAndDead core_and_dead;

  // Beside the package's lists, entry by entry; empty expressions are always true.
  std::vector<variability::Expression> bom;
  std::vector<variability::Expression> operations;
  std::vector<std::vector<variability::Expression>> times;  // by operation
  std::vector<variability::Expression> characteristics;
};

// Checks all of a package and compiles it. invalid_argument with every violation found, each as a path into the package
// (UVL: "package.uvl, line 12, column 5"); failed_precondition MODEL_VOID where no product can be built, with the
// conflict. Depends on the package only; a large model takes seconds.
Result<std::shared_ptr<const Product>> compile(const v1::ProductPackage& package);

// SHA-256 of the package with its model in canonical form: layout and comments of the UVL text do not count.
std::string content_hash(const v1::ProductPackage& package, const variability::ProductModel& model);

// What a version says of itself; version and published_at are the caller's.
v1::ModelVersion describe(const Product& product);

}  // namespace loomline::configuration::domain
