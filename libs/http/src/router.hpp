// Finds the route of a method and a path. Built once, then only read: thread safe after that.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/http/server.hpp"

namespace loomline::http {

// "pre{name}post"; a literal where name is empty.
struct Segment {
  std::string before;
  std::string name;
  std::string after;
  bool operator==(const Segment&) const = default;
};

struct Route {
  std::string method;
  std::string path_template;
  std::vector<Segment> segments;
  RouteOptions options;
  Handler handler;
  StreamHandler stream;  // one of the two is set
};

struct RouteMatch {
  const Route* route = nullptr;  // null: nothing has this path and method
  Params params;
  std::string allow;  // where only the method is wrong: "GET, HEAD, POST"
};

class Router {
 public:
  // Throws std::logic_error for a malformed template or a shape that is already taken.
  void add(Route route);
  // `path` is percent-encoded; invalid_argument where it cannot be decoded.
  Result<RouteMatch> find(std::string_view method, std::string_view path) const;
  std::size_t largest_body(std::size_t least) const;

 private:
  std::map<std::size_t, std::vector<std::unique_ptr<Route>>> by_length_;  // the more literal first
};

}  // namespace loomline::http
