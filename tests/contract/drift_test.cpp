// The checked-in reference documents are what the contracts and the tables say today.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "documents.hpp"

namespace loomline::contract {
namespace {

std::string checked_in(const std::string& path) {
  std::ifstream in(std::string(LOOMLINE_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string first_difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string x, y;
  for (int line = 1;; ++line) {
    const bool more_left = static_cast<bool>(std::getline(left, x)),
               more_right = static_cast<bool>(std::getline(right, y));
    if (!more_left && !more_right) return "only line ends differ";
    if (x != y || more_left != more_right)
      return "line " + std::to_string(line) + "\n  checked in: " + x + "\n  generated:  " + y;
  }
}

TEST(Drift, every_document_is_as_generated) {
  for (const auto& document : documents(load_built())) {
    const auto there = checked_in(document.path);
    EXPECT_TRUE(there == document.text) << document.path << " has drifted at " << first_difference(there, document.text)
                                        << "\n  Run: loomline-contracts docs --write";
  }
}

TEST(Documents, asyncapi_refers_only_to_what_is_there) {
  const auto all = nlohmann::json::parse(asyncapi(load_built()));
  EXPECT_EQ(all["asyncapi"], "3.0.0");
  std::function<void(const nlohmann::json&)> walk = [&](const nlohmann::json& node) {
    if (node.is_object() && node.contains("$ref")) {
      const auto to = node["$ref"].get<std::string>().substr(1);
      EXPECT_TRUE(all.contains(nlohmann::json::json_pointer(to))) << to;
    }
    for (const auto& child : node)
      if (child.is_structured()) walk(child);
  };
  walk(all);
  EXPECT_FALSE(all["channels"].contains("loomline.scheduling.demand")) << "internal topics are no contract";
  EXPECT_TRUE(all["channels"]["loomline.intake.order"]["messages"].contains("OrderPlaced"));
}

TEST(Documents, every_life_begins_and_ends) {
  const auto text = lives();
  for (std::size_t at = text.find("```mermaid"); at != std::string::npos; at = text.find("```mermaid", at + 1)) {
    const auto diagram = text.substr(at, text.find("```\n", at + 5) - at);
    EXPECT_NE(diagram.find("[*] -->"), std::string::npos) << diagram;
    EXPECT_NE(diagram.find("--> [*]"), std::string::npos) << diagram;
  }
}

}  // namespace
}  // namespace loomline::contract
