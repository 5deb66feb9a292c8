// The edge as a part of a process.
#pragma once

#include "loomline/host/process.hpp"

namespace loomline::parts {

host::FrontPart edge_front();

}  // namespace loomline::parts
