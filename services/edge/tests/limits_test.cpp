// How often who may call, and what guessing costs.
#include "loomline/edge/limits.hpp"

#include "api/client_address.hpp"
#include "api/credentials.hpp"
#include "api/rate_limit.hpp"
#include "edge_fixture.hpp"

namespace loomline::edge {
namespace {

using namespace std::chrono_literals;
constexpr Rate kTwoASecond{2, 10};

TEST(RateLimiter, LetsABurstThroughAndThenTheRate) {
  RateLimiter limiter;
  const Moment start{100s};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(limiter.take("a", kTwoASecond, 1, start));
  const auto wait = limiter.take("a", kTwoASecond, 1, start);
  ASSERT_TRUE(wait);
  EXPECT_DOUBLE_EQ(wait->count(), 0.5);
  EXPECT_TRUE(limiter.take("a", kTwoASecond, 1, start + 499ms));
  EXPECT_FALSE(limiter.take("a", kTwoASecond, 1, start + 501ms));
  EXPECT_TRUE(limiter.take("a", kTwoASecond, 1, start + 501ms));
}

TEST(RateLimiter, WhoWaitsAsLongAsHeIsToldIsLetIn) {
  RateLimiter limiter;
  Moment now{100s};
  for (int i = 0; i < 200; ++i) {
    if (const auto wait = limiter.take("a", kTwoASecond, 4, now)) {
      now += std::chrono::ceil<Moment::duration>(*wait);
      ASSERT_FALSE(limiter.take("a", kTwoASecond, 4, now)) << i;
    }
  }
  EXPECT_NEAR(Seconds(now - Moment{100s}).count(), 0.5 * (200 / 2 * 4), 210);
}

TEST(RateLimiter, CallersHaveBucketsOfTheirOwnAndRefusalsAreFree) {
  RateLimiter limiter;
  const Moment start{100s};
  for (int i = 0; i < 1000; ++i) (void)limiter.take("greedy", kTwoASecond, 1, start);
  EXPECT_FALSE(limiter.take("modest", kTwoASecond, 1, start));
  EXPECT_FALSE(limiter.take("greedy", kTwoASecond, 1, start + 501ms));
}

TEST(RateLimiter, ACostAboveTheBurstIsOnlyTheBurst) {
  RateLimiter limiter;
  EXPECT_FALSE(limiter.take("a", {1, 2}, 4, Moment{100s}));
  EXPECT_TRUE(limiter.take("a", {1, 2}, 4, Moment{101s}));
  EXPECT_FALSE(limiter.take("a", {1, 2}, 4, Moment{103s}));
}

TEST(RateLimiter, WithoutALimitNothingIsKept) {
  RateLimiter limiter;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limiter.take("a", Rate{}, 4, Moment{100s}));
  EXPECT_EQ(limiter.callers(), 0U);
}

TEST(RateLimiter, ForgetsWhoHasNotCalledForLongest) {
  RateLimiter limiter(3);
  const Moment now{100s};
  for (const char* caller : {"a", "b", "c"}) EXPECT_FALSE(limiter.take(caller, {1, 1}, 1, now));
  EXPECT_TRUE(limiter.take("a", {1, 1}, 1, now));   // used: now "b" is the oldest
  EXPECT_FALSE(limiter.take("d", {1, 1}, 1, now));  // takes its place
  EXPECT_EQ(limiter.callers(), 3U);
  EXPECT_TRUE(limiter.take("a", {1, 1}, 1, now));
  EXPECT_FALSE(limiter.take("b", {1, 1}, 1, now));
}

TEST(RateLimiter, AClockThatGoesBackTakesNothingAway) {
  RateLimiter limiter;
  EXPECT_FALSE(limiter.take("a", {1, 2}, 1, Moment{100s}));
  EXPECT_FALSE(limiter.take("a", {1, 2}, 1, Moment{90s}));
  EXPECT_TRUE(limiter.take("a", {1, 2}, 1, Moment{100s}));
  EXPECT_FALSE(limiter.take("a", {1, 2}, 1, Moment{101s}));
}

TEST(Guesses, AreFreeAFewTimesAndThenCostMoreAndMore) {
  Guesses guesses(3);
  Moment now{100s};
  for (int i = 0; i < 3; ++i) guesses.wrong("a", now);
  EXPECT_FALSE(guesses.wait("a", now));
  std::vector<double> waits;
  for (int i = 0; i < 8; ++i) {
    guesses.wrong("a", now);
    const auto wait = guesses.wait("a", now);
    ASSERT_TRUE(wait);
    waits.push_back(wait->count());
    now += std::chrono::ceil<Moment::duration>(*wait);
    EXPECT_FALSE(guesses.wait("a", now));
  }
  EXPECT_EQ(waits.front(), 1);
  EXPECT_TRUE(std::is_sorted(waits.begin(), waits.end()));
  EXPECT_GE(waits.back(), 16);
  EXPECT_LE(waits.back(), 30);
  EXPECT_FALSE(guesses.wait("b", now));
  // Forgiven in time.
  now += 10min;
  for (int i = 0; i < 3; ++i) guesses.wrong("a", now);
  EXPECT_FALSE(guesses.wait("a", now));
}

TEST(Credentials, BadOnesAreRememberedShortlyAndPushNoGoodOneOut) {
  Credentials<std::string> credentials(2);
  const Moment now{100s};
  credentials.is_good("good", "staff", now + 5s);
  for (int i = 0; i < 100; ++i)
    credentials.is_bad("bad" + std::to_string(i), Status(Code::unauthenticated, "TOKEN_UNKNOWN", "No."), now + 2s);
  EXPECT_EQ(credentials.remembered("good", now)->good, "staff");
  EXPECT_EQ(credentials.remembered("bad99", now)->bad.reason(), "TOKEN_UNKNOWN");
  EXPECT_FALSE(credentials.seen("bad0"));
  EXPECT_FALSE(credentials.remembered("bad99", now + 2s));
  EXPECT_TRUE(credentials.seen("bad99"));
  credentials.is_good("bad99", "portal", now + 7s);
  EXPECT_EQ(credentials.remembered("bad99", now + 2s)->good, "portal");
}

http::Request from(std::string peer, std::vector<std::string> forwarded) {
  http::Request request;
  request.peer = std::move(peer);
  for (auto& one : forwarded) request.headers.add("x-forwarded-for", std::move(one));
  return request;
}

TEST(ClientAddress, IsTheConnectionsUnlessProxiesAreNamed) {
  EXPECT_EQ(client_address(from("192.0.2.1", {"203.0.113.9"}), 0), "192.0.2.1");
  EXPECT_EQ(client_address(from("192.0.2.1", {"198.51.100.7, 203.0.113.9"}), 1), "203.0.113.9");
  EXPECT_EQ(client_address(from("192.0.2.1", {"198.51.100.7", "203.0.113.9"}), 2), "198.51.100.7");
  EXPECT_EQ(client_address(from("192.0.2.1", {"203.0.113.9"}), 2), "192.0.2.1");
  EXPECT_EQ(client_address(from("192.0.2.1", {"nonsense"}), 1), "192.0.2.1");
  EXPECT_EQ(client_address(from("192.0.2.1", {}), 1), "192.0.2.1");
}

TEST(ClientAddress, OfIpv6IsTheSubscribersNetwork) {
  EXPECT_EQ(client_address(from("2001:db8:1:2:3:4:5:6", {}), 0), "2001:db8:1:2::/64");
  EXPECT_EQ(client_address(from("::ffff:192.0.2.1", {}), 0), "192.0.2.1");
}

TEST(Limits, AreReadAndNamedWhereTheyCannotBe) {
  const auto limits = read_limits({"customer=2.5:8", "staff=100 anyone=0"}, 1);
  ASSERT_TRUE(limits.ok());
  EXPECT_EQ(limits->by_role.at("customer"), (Rate{2.5, 8}));
  EXPECT_EQ(limits->by_role.at("staff"), (Rate{100, 1000}));
  EXPECT_EQ(limits->by_role.at("anyone").per_second, 0);
  EXPECT_EQ(limits->by_role.at("mes"), Rate{});
  for (const char* wrong : {"customer", "customer=", "nobody=1", "customer=-1", "customer=1:0", "customer=1x", "=1"}) {
    const auto refused = read_limits({wrong}, 0);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.status().violations().at(0).field, "--limit") << wrong;
  }
  EXPECT_EQ(read_limits({}, -1).status().violations().at(0).field, "--proxies");
}

class LimitedEdgeTest : public EdgeTest {
 protected:
  void limit(Options& options) override {
    options.limits.by_role = {{"anyone", {0.001, 8}}, {"customer", {0.001, 5}}, {"portal", {}}, {"staff", {}}};
    options.limits.guesses = 3;
  }
};

TEST_F(LimitedEdgeTest, SaysHowLongToWaitAndWhatToDo) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get("/v1/orders/ord_1/journey", "Link link-1").status, 200);
  const auto refused = get("/v1/orders/ord_1/journey", "Link link-1");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.get("Retry-After"), "1000");
  EXPECT_EQ(http::status_of(refused).reason(), "RATE_LIMITED");
  EXPECT_EQ(http::status_of(refused).violations().at(0).field, "order");
  EXPECT_NE(http::status_of(refused).violations().at(0).remedy.find("Idempotency-Key"), std::string::npos);
  EXPECT_EQ(get("/t/link-1").status, 429);  // the page of the same order, in HTML
  EXPECT_EQ(get("/v1/orders/ord_1/journey", "Bearer lmt_staff").status, 200);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(LimitedEdgeTest, WithoutACredentialTheAddressIsCounted) {
  int refused = 0;
  for (int i = 0; i < 20; ++i) refused += get("/v1/orders/ord_1/journey").status == 429;
  EXPECT_EQ(refused, 12);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/openapi.json").status, 429);
}

TEST_F(LimitedEdgeTest, GuessingCostsTheGuesserAndNotIntake) {
  EXPECT_EQ(get("/v1/orders/ord_1/journey", "Bearer lmt_staff").status, 200);
  int unauthenticated = 0;
  for (int i = 0; i < 50; ++i) {
    const auto answer = get("/v1/orders/ord_1/journey", "Bearer lmt_guess" + std::to_string(i));
    unauthenticated += answer.status == 401;
    if (answer.status == 401) continue;
    EXPECT_EQ(answer.status, 429);
    EXPECT_TRUE(answer.headers.get("Retry-After"));
    EXPECT_EQ(http::status_of(answer).reason(), "TOO_MANY_GUESSES");
  }
  EXPECT_GE(unauthenticated, 4);
  EXPECT_EQ(services.verified, 1 + unauthenticated);
  // Who was known before calls on from the same address; who was refused is told so, and no more is asked.
  EXPECT_EQ(get("/v1/orders/ord_1/journey", "Bearer lmt_staff").status, 200);
}

TEST_F(LimitedEdgeTest, AnswersWithoutAServiceAreNoGuesses) {
  // Links that are not good are guesses, too; the bad ones that were seen are not counted again.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get("/v1/orders/ord_1/journey", "Link nonsense").status, 401);
  EXPECT_EQ(get("/v1/orders/ord_1/journey", "Bearer lmt_staff").status, 200);
}

}  // namespace
}  // namespace loomline::edge
