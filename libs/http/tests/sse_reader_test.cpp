#include "src/sse_reader.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "src/stream_state.hpp"

namespace loomline::http {
namespace {

std::vector<Event> read(std::string_view bytes, std::size_t piece) {
  SseReader reader;
  std::vector<Event> events;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    EXPECT_TRUE(reader.feed(bytes.substr(at, piece), [&](const Event& e) { return events.push_back(e), true; }).ok());
  return events;
}

TEST(SseReader, ReadsWhateverThePieces) {
  const std::string bytes =
      ": hi\nretry: 10\n\nid: 7\r\nevent: e\r\ndata: a\r\ndata: b\r\n\r\ndata\rid: 8\r\r\nid: 9\n\n";
  for (const std::size_t piece : {1U, 2U, 3U, 1000U}) {
    const auto events = read(bytes, piece);
    ASSERT_EQ(events.size(), 2U) << piece;
    EXPECT_EQ(events[0].id, "7");
    EXPECT_EQ(events[0].event, "e");
    EXPECT_EQ(events[0].data, "a\nb");
    EXPECT_EQ(events[1].id, "8");
    EXPECT_EQ(events[1].data, "");
  }
}

TEST(SseReader, ReadsWhatTheServerFormats) {
  const auto events = read(format_event({"1\n2", "a\rb", "x\ny\r\nz\rw\n"}), 5);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].id, "12");
  EXPECT_EQ(events[0].event, "ab");
  EXPECT_EQ(events[0].data, "x\ny\nz\nw\n");
}

TEST(StreamState, CutsASlowReaderAndTellsTheOwnerOnce) {
  StreamState state(2, 1000);
  int told = 0;
  state.on_close([&] { ++told; });
  EXPECT_TRUE(state.push({"1", "", "a"}));
  EXPECT_TRUE(state.push({"2", "", "b"}));
  EXPECT_FALSE(state.push({"3", "", "c"}));
  EXPECT_TRUE(state.closed());
  EXPECT_TRUE(state.take().overflow);
  state.disconnect();
  state.disconnect();
  EXPECT_EQ(told, 1);
  state.on_close([&] { ++told; });  // too late: at once
  EXPECT_EQ(told, 2);
}

TEST(StreamState, BoundsBytes) {
  StreamState state(100, 50);
  EXPECT_FALSE(state.push({"", "", std::string(60, 'x')}));
}

}  // namespace
}  // namespace loomline::http
