#include "loomline/http/url.hpp"

#include <gtest/gtest.h>

namespace loomline::http {
namespace {

TEST(PercentDecode, Decodes) {
  EXPECT_EQ(percent_decode("a%20b+c", Plus::literal).value(), "a b+c");
  EXPECT_EQ(percent_decode("a%20b+c", Plus::space).value(), "a b c");
  EXPECT_EQ(percent_decode("%E4%B8%AD", Plus::literal).value(), "中");
}

TEST(PercentDecode, RefusesWithTheOffset) {
  for (const char* text : {"ab%", "ab%4", "ab%zz", "ab%00", "ab%0a", "ab%0D", "ab%7f"}) {
    const auto result = percent_decode(text, Plus::literal);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.status().violations().at(0).field, "url[2]") << text;
  }
  EXPECT_FALSE(percent_decode("%ff", Plus::literal).ok());
  EXPECT_FALSE(percent_decode("%c0%80", Plus::literal).ok());     // overlong NUL
  EXPECT_FALSE(percent_decode("%ed%a0%80", Plus::literal).ok());  // surrogate
}

TEST(PercentEncode, RoundTrips) {
  const std::string text = "中 /?&=+%\"<>~";
  EXPECT_EQ(percent_decode(percent_encode(text), Plus::space).value(), text);
}

TEST(ParseQuery, PairsInOrder) {
  EXPECT_EQ(parse_query("a=1&b=x+y&a=2&c&&=").value(),
            (Params{{"a", "1"}, {"b", "x y"}, {"a", "2"}, {"c", ""}, {"", ""}}));
  EXPECT_TRUE(parse_query("").value().empty());
  EXPECT_FALSE(parse_query("a=%0a").ok());
  std::string many;
  for (int i = 0; i < 300; ++i) many += "a&";
  EXPECT_FALSE(parse_query(many).ok());
}

TEST(ParseForm, KeepsLineBreaks) {
  EXPECT_EQ(parse_form("text=one%0D%0Atwo&n=1").value(), (Params{{"text", "one\r\ntwo"}, {"n", "1"}}));
  EXPECT_FALSE(parse_form("text=%00").ok());
}

TEST(EscapeHtml, Escapes) { EXPECT_EQ(escape_html("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"); }

}  // namespace
}  // namespace loomline::http
