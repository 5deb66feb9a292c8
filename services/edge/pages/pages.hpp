// The doors that are pages: tracking, operations, and what every server has.
#pragma once

#include <string>
#include <vector>

#include "api/access.hpp"
#include "api/routes.hpp"

namespace loomline::edge {

// What the pages need. The references must outlive them.
struct PageContext {
  rpc::Directory& peers;
  Access& access;
  bool secure_cookies = false;
  const std::string& openapi;
};

std::vector<Door> page_doors(const PageContext& context);
// Parts of it.
std::vector<Door> tracking_doors(const PageContext& context);
std::vector<Door> ops_doors(const PageContext& context);

}  // namespace loomline::edge
