#include "router.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "loomline/http/url.hpp"

namespace loomline::http {
namespace {

Segment parse_segment(std::string_view text, std::string_view path_template) {
  const auto fail = [&] { return std::logic_error("malformed route template " + std::string(path_template)); };
  const std::size_t open = text.find('{');
  const std::size_t close = text.find('}');
  if (open == text.npos && close == text.npos) return {std::string(text), "", ""};
  if (open == text.npos || close == text.npos || close <= open + 1) throw fail();
  const std::string_view after = text.substr(close + 1);
  if (after.find_first_of("{}") != after.npos) throw fail();
  return {std::string(text.substr(0, open)), std::string(text.substr(open + 1, close - open - 1)), std::string(after)};
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  std::size_t start = 1;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::size_t literal_length(const Segment& s) { return s.name.empty() ? 1000 : s.before.size() + s.after.size(); }

// Lexicographic from the left: a literal beats a parameter in the first segment where two templates differ.
bool more_literal(const std::unique_ptr<Route>& a, const std::unique_ptr<Route>& b) {
  return std::lexicographical_compare(
      a->segments.begin(), a->segments.end(), b->segments.begin(), b->segments.end(),
      [](const Segment& x, const Segment& y) { return literal_length(x) > literal_length(y); });
}

bool same_shape(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Segment& x, const Segment& y) {
    return x.before == y.before && x.after == y.after && x.name.empty() == y.name.empty();
  });
}

bool matches(const Segment& segment, std::string_view text, Params& params) {
  if (segment.name.empty()) return text == segment.before;
  if (text.size() <= segment.before.size() + segment.after.size()) return false;
  if (!text.starts_with(segment.before) || !text.ends_with(segment.after)) return false;
  text.remove_prefix(segment.before.size());
  text.remove_suffix(segment.after.size());
  params.emplace_back(segment.name, std::string(text));
  return true;
}

bool matches(const Route& route, const std::vector<std::string>& parts, Params& params) {
  params.clear();
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!matches(route.segments[i], parts[i], params)) return false;
  return true;
}

}  // namespace

void Router::add(Route route) {
  if (route.path_template.empty() || route.path_template[0] != '/')
    throw std::logic_error("a route template starts with a slash: " + route.path_template);
  for (const auto part : split(route.path_template)) route.segments.push_back(parse_segment(part, route.path_template));
  auto& routes = by_length_[route.segments.size()];
  for (const auto& other : routes)
    if (other->method == route.method && same_shape(other->segments, route.segments))
      throw std::logic_error("two routes have one shape: " + route.method + " " + other->path_template + " and " +
                             route.path_template);
  routes.push_back(std::make_unique<Route>(std::move(route)));
  std::stable_sort(routes.begin(), routes.end(), more_literal);
}

Result<RouteMatch> Router::find(std::string_view method, std::string_view path) const {
  RouteMatch match;
  std::vector<std::string> parts;
  for (const auto part : split(path)) {
    auto decoded = percent_decode(part, Plus::literal);
    if (!decoded) return decoded.status();
    parts.push_back(std::move(*decoded));
  }
  const auto routes = by_length_.find(parts.size());
  if (routes == by_length_.end()) return match;
  std::set<std::string> allowed;
  Params params;
  for (const auto& route : routes->second) {
    if (!matches(*route, parts, params)) continue;
    const bool head = method == "HEAD" && route->method == "GET" && !route->stream;
    if (route->method == method || head) {
      match.route = route.get();
      match.params = std::move(params);
      return match;
    }
    allowed.insert(route->method);
    if (route->method == "GET" && !route->stream) allowed.insert("HEAD");
  }
  for (const auto& name : allowed) match.allow += (match.allow.empty() ? "" : ", ") + name;
  return match;
}

std::size_t Router::largest_body(std::size_t least) const {
  for (const auto& [length, routes] : by_length_)
    for (const auto& route : routes) least = std::max(least, route->options.max_body_bytes);
  return least;
}

}  // namespace loomline::http
