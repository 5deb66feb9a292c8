// The edge as a part of a process.
#pragma once

#include "loomline/host/process.hpp"

namespace loomline::edge {

host::FrontPart front();

}  // namespace loomline::edge
