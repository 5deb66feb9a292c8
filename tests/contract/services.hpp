// The services as they register themselves.
#pragma once

#include <vector>

#include "loomline/eventing/service.hpp"

namespace loomline::contract {

std::vector<eventing::Service> all_services();

}  // namespace loomline::contract
