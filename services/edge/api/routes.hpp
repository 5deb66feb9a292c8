// The one table of everything that can be reached from outside: the contracts' routes and the edge's own pages. Nothing
// is served that does not stand in it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/access.hpp"
#include "api/call_limits.hpp"
#include "api/contracts.hpp"
#include "loomline/http/server.hpp"

namespace loomline::edge {

// Where a route's credential stands.
enum class Shown { header, path_link, cookie };

struct Door {
  std::string verb;
  std::string path;
  Roles roles;
  Shown shown = Shown::header;
  const ApiRoute* api = nullptr;  // null: a page
  bool stream = false;
  bool never_blocks = false;
  std::size_t max_body_bytes = 0;
  bool unlimited = false;  // for probes, which come from one address for everybody

  using Answer = std::function<http::Response(const Principal&, const http::Request&)>;
  using Stream =
      std::function<std::optional<http::Response>(const Principal&, const http::Request&, http::EventStream)>;
  // How a refusal looks; JSON where it is not set.
  using Refusal = std::function<http::Response(const Status&, const http::Request&)>;
  Answer answer;
  Stream open;
  Refusal refuse;
};

// Puts every door on the server, behind one guard: identify, count, authorize, then answer.
void install(std::vector<Door> doors, http::Server& server, Access& access, CallLimits& limits);

}  // namespace loomline::edge
