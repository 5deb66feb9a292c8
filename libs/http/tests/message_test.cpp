#include "loomline/http/message.hpp"

#include <gtest/gtest.h>

#include "loomline/http/json.hpp"
#include "src/wire.hpp"

namespace loomline::http {
namespace {

TEST(Headers, CompareWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("content-TYPE", "b");
  EXPECT_EQ(headers.get("CONTENT-TYPE"), "a");
  headers.set("content-type", "c");
  EXPECT_EQ(headers.all().size(), 1U);
  EXPECT_FALSE(headers.get("x").has_value());
}

TEST(Cookies, AreFound) {
  Request request;
  request.headers.add("Cookie", "a=1; session=x=y;b=2");
  EXPECT_EQ(request.cookie("session"), "x=y");
  EXPECT_EQ(request.cookie("b"), "2");
  EXPECT_FALSE(request.cookie("c").has_value());
  EXPECT_EQ(set_cookie("s", "v", {.path = "/ops", .max_age_seconds = 60, .secure = true}),
            "s=v; Path=/ops; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
}

TEST(Problem, RoundTripsAStatus) {
  const Status status =
      Status(Code::failed_precondition, "ORDER_SHIPPED", "It is \"gone\".").with({"a.b[0]", "p", "r"});
  const Response response = problem(status, "t1");
  EXPECT_EQ(response.status, 409);
  EXPECT_TRUE(check_json(response.body).ok()) << response.body;
  EXPECT_NE(response.body.find("\"trace_id\":\"t1\""), std::string::npos);
  const Status back = status_of(response);
  EXPECT_EQ(back.to_string(), status.to_string());
}

TEST(Problem, EveryCodeHasAStatusAndErrorsComeBackAsErrors) {
  for (int i = 1; i <= 16; ++i) {
    const int status = http_status(static_cast<Code>(i));
    EXPECT_GE(status, 400);
    EXPECT_NE(code_of_status(status), Code::ok);
  }
  Response html = html_response("<h1>x</h1>", 502);
  EXPECT_EQ(status_of(html).reason(), "HTTP_502");
  EXPECT_TRUE(status_of(json_response("{}")).ok());
}

TEST(Fields, RefuseInjection) {
  EXPECT_TRUE(is_field("X-A", "b c\t;"));
  EXPECT_FALSE(is_field("X-A", "b\r\nSet-Cookie: x"));
  EXPECT_FALSE(is_field("X-A\r\n", "b"));
  EXPECT_FALSE(is_field("", "b"));
  EXPECT_FALSE(is_field("X A", "b"));
}

}  // namespace
}  // namespace loomline::http
