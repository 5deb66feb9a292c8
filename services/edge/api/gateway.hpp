// The contracts' methods as doors: transcode, call, transcode back.
#pragma once

#include <vector>

#include "api/routes.hpp"
#include "loomline/rpc/directory.hpp"

namespace loomline::edge {

// One door for each public route of every contract.
std::vector<Door> api_doors(rpc::Directory& peers);

}  // namespace loomline::edge
