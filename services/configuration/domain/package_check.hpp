// The checks of a package that need no model.
#pragma once

#include "loomline/configuration/v1/product.pb.h"
#include "loomline/wire/check.hpp"

namespace loomline::configuration::domain {

void check_package(const v1::ProductPackage& package, wire::Checker& check);

}  // namespace loomline::configuration::domain
