#include "domain/link.hpp"

#include <gtest/gtest.h>

namespace loomline::intake::domain {
namespace {

const Time now = parse_rfc3339("2026-03-02T08:00:00Z").value();
const std::string key(32, 'k');

TEST(Link, OpensWhatItSigned) {
  const auto text = sign({"ord_01ABC", now + std::chrono::hours(1)}, key);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), text.npos);
  const auto link = resolve(text, key, now);
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->order_id, "ord_01ABC");
  EXPECT_EQ(link->expires, now + std::chrono::hours(1));
}

TEST(Link, EndsOnTime) {
  const auto text = sign({"ord_01ABC", now}, key);
  EXPECT_TRUE(resolve(text, key, now - std::chrono::seconds(1)).ok());
  EXPECT_EQ(resolve(text, key, now).status().code(), Code::unauthenticated);
}

TEST(Link, EveryOtherTextIsRefused) {
  const auto text = sign({"ord_01ABC", now + std::chrono::hours(1)}, key);
  EXPECT_FALSE(resolve(text, std::string(32, 'j'), now).ok());
  EXPECT_FALSE(resolve("", key, now).ok());
  EXPECT_FALSE(resolve(std::string(100'000, 'A'), key, now).ok());
  EXPECT_FALSE(resolve(text + "A", key, now).ok());
  EXPECT_FALSE(resolve(text + "=", key, now).ok());
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < text.size(); ++i)
    for (const char c : alphabet) {
      auto tampered = text;
      tampered[i] = c;
      if (tampered != text) {
        EXPECT_FALSE(resolve(tampered, key, now).ok()) << i << c;
      }
    }
}

}  // namespace
}  // namespace loomline::intake::domain
