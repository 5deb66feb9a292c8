#include "src/router.hpp"

#include <gtest/gtest.h>

namespace loomline::http {
namespace {

Router make(std::initializer_list<std::pair<const char*, const char*>> routes) {
  Router router;
  for (const auto& [method, path] : routes)
    router.add({.method = method, .path_template = path, .segments = {}, .options = {}, .handler = {}, .stream = {}});
  return router;
}

std::string found(const Router& router, std::string_view method, std::string_view path) {
  const auto match = router.find(method, path);
  if (!match.ok()) return "error";
  if (match->route == nullptr) return match->allow.empty() ? "none" : "allow " + match->allow;
  std::string text = match->route->path_template;
  for (const auto& [name, value] : match->params) text += " " + name + "=" + value;
  return text;
}

TEST(Router, MatchesTheMoreLiteral) {
  const auto router = make({{"GET", "/v1/orders/{order_id}"},
                            {"GET", "/v1/orders/search"},
                            {"POST", "/v1/orders/{order_id}:cancel"},
                            {"POST", "/v1/orders/{order_id}"},
                            {"GET", "/{page}/orders/about"},
                            {"GET", "/"}});
  EXPECT_EQ(found(router, "GET", "/v1/orders/ord_1"), "/v1/orders/{order_id} order_id=ord_1");
  EXPECT_EQ(found(router, "GET", "/v1/orders/search"), "/v1/orders/search");
  EXPECT_EQ(found(router, "GET", "/v1/orders/about"), "/v1/orders/{order_id} order_id=about");
  EXPECT_EQ(found(router, "GET", "/v2/orders/about"), "/{page}/orders/about page=v2");
  EXPECT_EQ(found(router, "POST", "/v1/orders/a:cancel"), "/v1/orders/{order_id}:cancel order_id=a");
  EXPECT_EQ(found(router, "POST", "/v1/orders/a:b"), "/v1/orders/{order_id} order_id=a:b");
  EXPECT_EQ(found(router, "GET", "/"), "/");
  EXPECT_EQ(found(router, "HEAD", "/v1/orders/x"), "/v1/orders/{order_id} order_id=x");
}

TEST(Router, SaysWhatIsAllowed) {
  const auto router = make({{"GET", "/a/{x}"}, {"POST", "/a/{y}"}});
  EXPECT_EQ(found(router, "DELETE", "/a/1"), "allow GET, HEAD, POST");
  EXPECT_EQ(found(router, "GET", "/a"), "none");
  EXPECT_EQ(found(router, "GET", "/a/"), "none");
  EXPECT_EQ(found(router, "GET", "/a/1/"), "none");
}

TEST(Router, DecodesParameters) {
  const auto router = make({{"GET", "/a/{x}/b"}});
  EXPECT_EQ(found(router, "GET", "/a/%E4%B8%AD%2F/b"), "/a/{x}/b x=中/");
  EXPECT_EQ(found(router, "GET", "/a/%zz/b"), "error");
  EXPECT_EQ(found(router, "GET", "/a/x%00/b"), "error");
}

TEST(Router, RefusesAmbiguityAndNonsense) {
  EXPECT_THROW(make({{"GET", "/a/{x}"}, {"GET", "/a/{y}"}}), std::logic_error);
  EXPECT_NO_THROW(make({{"GET", "/a/{x}"}, {"PUT", "/a/{y}"}}));
  for (const char* path : {"", "a", "/{", "/{}", "/}", "/{a}{b}"})
    EXPECT_THROW(make({{"GET", path}}), std::logic_error) << path;
}

}  // namespace
}  // namespace loomline::http
