// The rules that every contract keeps.
#pragma once

#include <string>
#include <vector>

#include "contracts.hpp"

namespace loomline::contract {

// Each problem names the thing, what is wrong, and what to do. Empty: all is well.
std::vector<std::string> lint(const Contracts& contracts);

}  // namespace loomline::contract
