#include "loomline/telemetry/metrics.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace loomline::telemetry {
namespace {

TEST(Metrics, TheSameNameAndLabelsAreTheSameMetric) {
  const auto first = counter("test_orders_total", "Orders", {{"kind", "a"}});
  const auto again = counter("test_orders_total", "Orders", {{"kind", "a"}});
  const auto other = counter("test_orders_total", "Orders", {{"kind", "b"}});
  first.increment();
  again.increment(2);
  EXPECT_EQ(first.value(), 3);
  EXPECT_EQ(other.value(), 0);
}

TEST(Metrics, TheExpositionShowsValuesBucketsAndTheProcess) {
  counter("test_shown_total", "Shown").increment(4);
  gauge("test_depth", "Depth", {{"queue", "x"}}).set(7);
  const auto seconds = histogram("test_seconds", "Time", {0.1, 1});
  seconds.observe(0.05);
  seconds.observe(std::chrono::milliseconds(500));
  const auto text = render_metrics();
  EXPECT_NE(text.find("# TYPE test_shown_total counter"), std::string::npos);
  EXPECT_NE(text.find("test_shown_total 4"), std::string::npos);
  EXPECT_NE(text.find("test_depth{queue=\"x\"} 7"), std::string::npos);
  EXPECT_NE(text.find("test_seconds_bucket{le=\"0.1\"} 1"), std::string::npos);
  EXPECT_NE(text.find("test_seconds_bucket{le=\"1\"} 2"), std::string::npos);
  EXPECT_NE(text.find("process_resident_memory_bytes"), std::string::npos);
}

TEST(Metrics, ASecondTypeUnderANameThrows) {
  const auto unused = counter("test_clash", "A counter");
  unused.increment();
  EXPECT_ANY_THROW(gauge("test_clash", "A gauge"));
}

TEST(Metrics, HooksRunBeforeTheExposition) {
  static int depth = 41;
  before_render([] { gauge("test_hooked", "Hooked").set(++depth); });
  EXPECT_NE(render_metrics().find("test_hooked 42"), std::string::npos);
}

}  // namespace
}  // namespace loomline::telemetry
