#include "loomline/http/json.hpp"

#include <gtest/gtest.h>

namespace loomline::http {
namespace {

TEST(CheckJson, AcceptsDocuments) {
  for (const char* text :
       {"{}", "[]", " { \"a\" : [1, -2.5e+3, true, null, \"\\u00e9\\n\"] } ", "0", "\"中文\"", "[[],[{}]]"})
    EXPECT_TRUE(check_json(text).ok()) << text << ": " << check_json(text).to_string();
}

TEST(CheckJson, RefusesWhatLenientParsersTake) {
  for (const char* text : {"",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "[1 2]",
                           "01",
                           "1.",
                           "-",
                           "+1",
                           "nul",
                           "tru e",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "[1]]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "[}",
                           "{]",
                           "\"\xff\"",
                           "NaN",
                           "// c\n1",
                           "{\"a\":1 \"b\":2}",
                           ",",
                           "]"})
    EXPECT_FALSE(check_json(text).ok()) << text;
}

TEST(CheckJson, NamesTheOffset) {
  const auto status = check_json("{\"a\": [1, x]}");
  ASSERT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.reason(), "JSON_SYNTAX");
  EXPECT_EQ(status.violations().at(0).field, "body[10]");
}

TEST(CheckJson, BoundsDepthWithoutRecursion) {
  EXPECT_TRUE(check_json(std::string(32, '[') + std::string(32, ']')).ok());
  const auto status = check_json(std::string(33, '[') + std::string(33, ']'));
  EXPECT_EQ(status.reason(), "JSON_DEPTH");
  EXPECT_EQ(status.violations().at(0).field, "body[32]");
  EXPECT_EQ(check_json(std::string(1'000'000, '[')).reason(), "JSON_DEPTH");
}

TEST(CheckJson, BoundsSizeValuesAndNumbers) {
  EXPECT_EQ(check_json("[1,2,3]", JsonLimits{.max_bytes = 5, .max_depth = 9, .max_values = 9}).reason(), "JSON_SIZE");
  EXPECT_EQ(check_json("[1,2,3]", JsonLimits{.max_bytes = 50, .max_depth = 9, .max_values = 3}).reason(), "JSON_SIZE");
  EXPECT_EQ(check_json(std::string(100, '9')).reason(), "JSON_SIZE");
}

TEST(CheckJson, RefusesAMemberTwice) {
  const auto status = check_json(R"({"b":1, "a":{"b":2}, "c":[{"b":3},{"b":4}], "a":5})");
  EXPECT_EQ(status.reason(), "JSON_TWICE");
  EXPECT_EQ(status.violations().at(0).field, "body[44]");
  EXPECT_EQ(check_json(R"({"a":1, "\u0061":2})").reason(), "JSON_TWICE");
  EXPECT_TRUE(check_json(R"({"a":{"a":{"a":1}}, "A":1, "\u0062":2, "\\u0062":3})").ok());
  // Many members, at once and one object after another.
  std::string many = "{";
  for (int i = 0; i < 20'000; ++i) many += "\"m" + std::to_string(i) + "\":1,";
  EXPECT_TRUE(check_json(many + "\"n\":1}").ok());
  EXPECT_EQ(check_json(many + "\"m7\":1}").reason(), "JSON_TWICE");
  EXPECT_TRUE(check_json("[" + many + "\"n\":1}," + many + "\"n\":1}]").ok());
}

TEST(JsonQuote, EscapesAndMendsUtf8) {
  EXPECT_EQ(json_quote("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\n\\t\\u0001\"");
  EXPECT_EQ(json_quote("</script>"), "\"\\u003c/script\\u003e\"");
  EXPECT_EQ(json_quote("中"), "\"中\"");
  EXPECT_EQ(json_quote("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_TRUE(check_json(json_quote("a\xe4\xb8")).ok());
}

}  // namespace
}  // namespace loomline::http
