#include <gtest/gtest.h>

#include "loomline/base/date.hpp"
#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"

namespace loomline {
namespace {

// Values from Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2, AgreesWithKafka) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

TEST(Time, RoundTripsAndKeepsTheFraction) {
  for (const char* text : {"2026-11-22T03:04:05Z", "1999-12-31T23:59:59.250Z", "2024-02-29T00:00:00.000001Z"}) {
    auto time = parse_rfc3339(text);
    ASSERT_TRUE(time.ok()) << text;
    EXPECT_EQ(format_rfc3339(*time), text);
  }
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("2026-11-22T16:30:00+08:00")), "2026-11-22T08:30:00Z");
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("2026-11-22T08:30:00.123456789Z")), "2026-11-22T08:30:00.123456Z");
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("9999-12-31T23:59:59Z")), "9999-12-31T23:59:59Z");
}

TEST(Date, is_a_day_of_the_calendar_or_none) {
  using namespace std::chrono;  // NOLINT: its literals
  EXPECT_EQ(parse_date("2024-02-29"), year(2024) / 2 / 29);
  for (const char* text : {"", "2026-02-29", "2026-2-01", "2026-13-01", "2026-00-10", "2026/01/01", "2026-01-0x",
                           "2026-01-011", "-026-01-01"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(Time, RefusesWhatIsNotATime) {
  for (const char* text : {"", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T03:04:05",
                           "2026-11-22T03:04:05.Z", "2026-11-22T03:04:05+0800", "2026-11-22T03:04:05Zx",
                           "0000-12-31T23:59:59Z", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01",
                           "0001-01-01T00:00:00+00:01"}) {
    auto time = parse_rfc3339(text);
    EXPECT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.status().violations().size(), 1U);
  }
}

TEST(Id, IsDeterministicSortableAndTyped) {
  const auto early = *parse_rfc3339("2026-01-01T00:00:00Z"), late = *parse_rfc3339("2026-01-01T00:00:00.001Z");
  const auto id = mint_id(prefix::order, early, "key-1");
  EXPECT_EQ(id, mint_id(prefix::order, early, "key-1"));
  EXPECT_NE(id, mint_id(prefix::order, early, "key-2"));
  EXPECT_LT(id, mint_id(prefix::order, late, "key-1"));
  EXPECT_EQ(id.size(), 30U);
  EXPECT_TRUE(is_id("ord", id));
  EXPECT_FALSE(is_id("lin", id));
  EXPECT_FALSE(is_id("ord", "ord_"));
  EXPECT_FALSE(is_id("ord", "ord_a b"));
}

TEST(Hash, KnownVectors) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("key", "The quick brown fox jumps over the lazy dog")),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  const std::uint8_t bytes[]{0xfb, 0xff, 0xfe, 0x01};
  EXPECT_EQ(base64url(bytes), "-__-AQ");
}

TEST(Status, SaysFieldProblemAndRemedy) {
  const auto status = invalid("lines[0].quantity", "is missing", "give a whole number above 0");
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.to_string(),
            "invalid_argument INVALID_FIELD: The request has a field that cannot be accepted. lines[0].quantity: is "
            "missing; give a whole number above 0");
  Result<int> result = status;
  EXPECT_FALSE(result.ok());
  EXPECT_THROW(result.value(), std::logic_error);
}

}  // namespace
}  // namespace loomline
