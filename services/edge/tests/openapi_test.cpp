#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "api/contracts.hpp"
#include "loomline/edge/edge.hpp"

namespace loomline::edge {
namespace {

namespace json = boost::json;

TEST(OpenApi, IsTheOneInTheDocuments) {
  const std::string path = std::string(LOOMLINE_SOURCE_DIR) + "/docs/api/openapi.json";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == openapi_document())
      << "docs/api/openapi.json is not what the contracts say. Make it anew: loomline_openapi > docs/api/openapi.json";
}

TEST(OpenApi, HasEveryRouteWithItsCommentAndRoles) {
  const auto document = json::parse(openapi_document("https://x.example")).as_object();
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  EXPECT_EQ(document.at("servers").at(0).at("url"), "https://x.example");
  std::set<std::string> ids;
  for (const auto& route : api_routes()) {
    std::string verb = route.http.verb();
    for (char& c : verb) c = static_cast<char>(c | 0x20);
    const auto& operation = document.at("paths").at(route.http.path()).at(verb).as_object();
    EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second) << route.http.path();
    EXPECT_EQ(operation.at("x-loomline-roles").as_array().size(), static_cast<std::size_t>(route.http.roles_size()));
    for (const auto& field : path_fields(route.http.path()))
      EXPECT_NE(json::serialize(operation.at("parameters")).find("\"name\":\"" + field + "\",\"in\":\"path\""),
                std::string::npos);
  }
}

json::object parameter_schema(const json::value& document, const char* path, const char* verb, const char* name) {
  for (const auto& parameter : document.at("paths").at(path).at(verb).at("parameters").as_array())
    if (parameter.at("name") == name) return parameter.at("schema").as_object();
  return {};
}

// A program that keeps to the document is not refused for the form of a header or an id.
TEST(OpenApi, SaysTheFormOfHeadersAndIds) {
  const auto document = json::parse(openapi_document());
  const auto wait = parameter_schema(document, "/v1/orders/{order_id}/place", "post", "Loomline-Wait-Quiet");
  EXPECT_EQ(wait, (json::object{{"type", "integer"}, {"minimum", 1}, {"maximum", 30000}}));
  const auto key = parameter_schema(document, "/v1/orders/{order_id}/place", "post", "Idempotency-Key");
  EXPECT_EQ(key.at("pattern"), "^[!-~]([ -~]{0,198}[!-~])?$");
  const auto order = parameter_schema(document, "/v1/orders/{order_id}/place", "post", "order_id");
  EXPECT_EQ(order.at("pattern"), "^ord_[0-9A-Za-z-]{1,40}$");
}

void references(const json::value& value, std::set<std::string>& out) {
  if (const auto* array = value.if_array())
    for (const auto& element : *array) references(element, out);
  if (const auto* object = value.if_object())
    for (const auto& [key, member] : *object) {
      if (key == "$ref") out.insert(std::string(member.as_string()));
      references(member, out);
    }
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  const auto document = json::parse(openapi_document());
  std::set<std::string> all;
  references(document, all);
  EXPECT_GT(all.size(), 50U);
  for (const auto& reference : all) {
    const std::string name = reference.substr(std::string("#/components/schemas/").size());
    EXPECT_TRUE(document.at("components").at("schemas").as_object().contains(name)) << reference;
  }
}

}  // namespace
}  // namespace loomline::edge
