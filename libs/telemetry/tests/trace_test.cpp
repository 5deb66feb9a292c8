#include "loomline/telemetry/trace.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace loomline::telemetry {
namespace {

constexpr auto sample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, ReadsAndWritesTheExampleOfTheSpecification) {
  const auto context = TraceContext::parse(sample);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id_hex(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id_hex(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->traceparent(), sample);
}

TEST(Trace, RefusesWhatIsNotATraceparent) {
  for (const char* bad : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                          "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"}) {
    EXPECT_FALSE(TraceContext::parse(bad)) << bad;
  }
}

TEST(Trace, ReadsALaterVersionByItsFirstFields) {
  EXPECT_TRUE(TraceContext::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra"));
  EXPECT_FALSE(TraceContext::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01extra"));
}

TEST(Trace, AChildKeepsTheTraceAndTheSampling) {
  auto parent = TraceContext::root();
  parent.sampled = false;
  const auto child = parent.child();
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_FALSE(child.sampled);
  EXPECT_TRUE(TraceContext{}.child().valid());
}

TEST(Trace, ScopesNestAndBelongToTheirThread) {
  EXPECT_FALSE(current_trace().valid());
  const auto outer = TraceContext::root();
  const TraceScope scope(outer);
  {
    const TraceScope inner(outer.child());
    EXPECT_NE(current_trace().span_id, outer.span_id);
  }
  EXPECT_EQ(current_trace(), outer);
  std::thread([] { EXPECT_FALSE(current_trace().valid()); }).join();
}

}  // namespace
}  // namespace loomline::telemetry
