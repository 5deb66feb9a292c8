#include <gtest/gtest.h>

#include "loomline/base/id.hpp"
#include "loomline/wire/check.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::wire {
namespace {

TEST(Convert, RoundTripsOnBothSidesOfTheEpoch) {
  for (const std::int64_t micros : {0L, 1L, -1L, 1'700'000'000'123'456L, -62'135'596'800'000'000L})
    EXPECT_EQ(to_time(to_timestamp(Time{Duration{micros}})).time_since_epoch().count(), micros);
  EXPECT_GE(to_timestamp(Time{Duration{-1}}).nanos(), 0);
}

TEST(Checker, NamesEveryField) {
  Checker check;
  check.id("order_id", "lin_1", prefix::order);
  check.range(path("lines", 2, "quantity"), 0, 1, 10000);
  check.country("country", "de");
  check.zone("zone", "Mars/Olympus");
  check.currency("currency", "");
  check.text("text", "bad \xC0\xAF", 100);
  check.code("reason", "because he said so");
  const auto& violations = check.status().violations();
  ASSERT_EQ(violations.size(), 7U);
  EXPECT_EQ(violations[1].field, "lines[2].quantity");
  for (const auto& violation : violations) EXPECT_FALSE(violation.remedy.empty());
}

TEST(Checker, AcceptsWhatIsRight) {
  Checker check;
  check.id("order_id", "ord_1", prefix::order);
  check.id("line_id", "", prefix::line, false);
  check.zone("zone", "Asia/Shanghai");
  check.country("country", "CN");
  check.currency("currency", "CNY");
  check.text("text", "螺杆压缩机\n37 kW", 100);
  check.code("reason", "CUSTOMER_CHANGED_MIND");
  EXPECT_TRUE(check.ok()) << check.status().to_string();
}

}  // namespace
}  // namespace loomline::wire
