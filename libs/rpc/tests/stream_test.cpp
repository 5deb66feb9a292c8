#include <future>

#include "echo_fixture.hpp"

namespace loomline::rpc {
namespace {

class Streams : public ::testing::TestWithParam<bool> {
 protected:
  void start() { ASSERT_NO_FATAL_FAILURE(echo_.start()); }
  Channel& channel() { return GetParam() ? *echo_.local : *echo_.socket; }
  Subscription read(const char* method, const Ping& request, const CallOptions& options = {}, bool read_on = true) {
    return channel().stream(method, request, Pong(), options, collect(got_, read_on));
  }
  EchoServer echo_;
  std::shared_ptr<Collected> got_ = std::make_shared<Collected>();
};
INSTANTIATE_TEST_SUITE_P(Transport, Streams, ::testing::Bool(),
                         [](const auto& transport) { return transport.param ? "InProcess" : "Socket"; });

Pong numbered(std::int64_t number) {
  Pong pong;
  pong.set_number(number);
  return pong;
}

TEST_P(Streams, ABlockingWriterSendsEverythingInOrderThenTheStatus) {
  start();
  const auto subscription = read(count_method, ping("", 1000));
  ASSERT_TRUE(soon([&] { return got_->is_done(); }));
  ASSERT_EQ(got_->size(), 1000U);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(got_->numbers[i], static_cast<std::int64_t>(i));
  EXPECT_TRUE(got_->status.ok()) << got_->status.to_string();
}

TEST_P(Streams, AnErrorEndsTheStreamWithItsReason) {
  echo_.count = [](const CallContext&, const Ping&, Writer<Pong>& writer) -> Status {
    writer.write(numbered(1));
    return not_found("ORDER_UNKNOWN", "No such order.");
  };
  start();
  const auto subscription = read(count_method, ping(""));
  ASSERT_TRUE(soon([&] { return got_->is_done(); }));
  EXPECT_EQ(got_->size(), 1U);
  EXPECT_EQ(got_->status.reason(), "ORDER_UNKNOWN");
}

TEST_P(Streams, APushHandleOutlivesTheHandlerAndIsFedFromAnyThread) {
  std::mutex mutex;
  std::vector<StreamHandle<Pong>> handles;
  echo_.watch = [&](const CallContext&, const Ping&, StreamHandle<Pong> handle) -> Status {
    const std::lock_guard lock(mutex);
    handles.push_back(std::move(handle));
    return {};
  };
  echo_.options.threads = 1;
  start();
  // More watchers than threads: none of them holds one.
  std::vector<std::shared_ptr<Collected>> got;
  std::vector<Subscription> subscriptions;
  for (int i = 0; i < 100; ++i) {
    got.push_back(std::make_shared<Collected>());
    subscriptions.push_back(channel().stream(watch_method, ping("x"), Pong(), {}, collect(got.back())));
  }
  ASSERT_TRUE(soon([&] {
    const std::lock_guard lock(mutex);
    return handles.size() == 100;
  }));
  EXPECT_TRUE((channel().call<Ping, Pong>(echo_method, ping("still served"))).ok());
  for (int n = 0; n < 10; ++n) {
    for (auto& handle : handles) EXPECT_EQ(handle.push(numbered(n)), Push::accepted);
  }
  for (auto& one : got) EXPECT_TRUE(soon([&] { return one->size() == 10; }));
  for (auto& handle : handles) handle.finish();
  for (auto& one : got) EXPECT_TRUE(soon([&] { return one->is_done() && one->status.ok(); }));
  EXPECT_EQ(handles[0].push(numbered(1)), Push::gone);
  handles.clear();
}

TEST_P(Streams, TheLastHandleThatDiesFinishesTheStream) {
  echo_.watch = [](const CallContext&, const Ping&, StreamHandle<Pong> handle) -> Status {
    return handle.push(numbered(1)) == Push::accepted ? Status() : internal("not accepted");
  };
  start();
  const auto subscription = read(watch_method, ping("x"));
  ASSERT_TRUE(soon([&] { return got_->is_done(); }));
  EXPECT_TRUE(got_->status.ok()) << got_->status.to_string();
  EXPECT_EQ(got_->size(), 1U);
}

TEST_P(Streams, ASlowReaderFillsTheBufferAndLosesNothingThatWasAccepted) {
  echo_.options.stream_buffer = 4;
  StreamHandle<Pong> kept;
  std::atomic<bool> ready{false};
  echo_.watch = [&](const CallContext&, const Ping&, StreamHandle<Pong> handle) -> Status {
    kept = std::move(handle);
    ready = true;
    return {};
  };
  start();
  auto subscription = read(watch_method, ping("x"), {}, false);  // takes one message, then holds
  ASSERT_TRUE(soon([&] { return ready.load(); }));
  Pong big;
  big.set_text(std::string(200'000, 'x'));
  std::int64_t accepted = 0;
  bool full = false;
  for (int i = 0; i < 1000 && !full; ++i) {
    big.set_number(accepted);
    const Push pushed = kept.push(big);
    if (pushed == Push::accepted) ++accepted;
    if (pushed == Push::full) {
      std::this_thread::sleep_for(milliseconds(20));  // flow control may still make room
      full = kept.push(big) == Push::full;
      if (!full) ++accepted;
    }
  }
  EXPECT_TRUE(full);
  kept.finish();
  while (!got_->is_done()) {
    subscription.resume();
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_TRUE(got_->status.ok()) << got_->status.to_string();
  EXPECT_EQ(static_cast<std::int64_t>(got_->size()), accepted);
  kept = {};
}

TEST_P(Streams, ABlockingWriterWaitsForASlowReaderAndSeesItLeave) {
  echo_.options.stream_buffer = 2;
  std::atomic<bool> left{false};
  echo_.count = [&](const CallContext&, const Ping&, Writer<Pong>& writer) -> Status {
    Pong big;
    big.set_text(std::string(200'000, 'x'));
    while (writer.write(big)) {
    }
    left = true;
    return {};
  };
  start();
  auto subscription = read(count_method, ping("x"), {}, false);
  ASSERT_TRUE(soon([&] { return got_->size() == 1; }));
  EXPECT_FALSE(left);
  subscription.cancel();
  EXPECT_TRUE(soon([&] { return left.load(); }));
  EXPECT_TRUE(soon([&] { return got_->is_done(); }));
  EXPECT_EQ(got_->status.code(), Code::cancelled);
}

TEST_P(Streams, AWatcherThatLeavesIsNoticed) {
  std::atomic<int> gone{0};
  StreamHandle<Pong> kept;
  std::atomic<bool> ready{false};
  echo_.watch = [&](const CallContext&, const Ping&, StreamHandle<Pong> handle) -> Status {
    handle.on_gone([&] { ++gone; });
    kept = std::move(handle);
    ready = true;
    return {};
  };
  start();
  {
    const auto subscription = read(watch_method, ping("x"));
    ASSERT_TRUE(soon([&] { return ready.load(); }));
  }
  EXPECT_TRUE(soon([&] { return gone == 1; }));
  EXPECT_TRUE(kept.gone());
  EXPECT_EQ(kept.push(numbered(1)), Push::gone);
  EXPECT_TRUE(soon([&] { return got_->is_done(); }));
  kept = {};
}

TEST_P(Streams, AStreamHasNoDeadlineUnlessTheCallerGivesOne) {
  StreamHandle<Pong> kept;
  std::atomic<bool> unlimited{false};
  echo_.watch = [&](const CallContext& call, const Ping&, StreamHandle<Pong> handle) -> Status {
    unlimited = call.deadline == Deadline::max();
    kept = std::move(handle);
    return {};
  };
  start();
  {
    const auto subscription = read(watch_method, ping("x"));
    EXPECT_TRUE(soon([&] { return unlimited.load(); }));
  }
  ASSERT_TRUE(soon([&] { return got_->is_done(); }));
  got_ = std::make_shared<Collected>();
  const auto short_lived = read(watch_method, ping("x"), {.timeout = milliseconds(200)});
  ASSERT_TRUE(soon([&] { return got_->is_done(); }));
  EXPECT_EQ(got_->status.code(), Code::deadline_exceeded);
  kept = {};
}

TEST_P(Streams, AnUnknownStreamIsUnimplemented) {
  start();
  const auto subscription = read("loomline.rpctest.v1.EchoService.Nothing", ping("x"));
  ASSERT_TRUE(soon([&] { return got_->is_done(); }));
  EXPECT_EQ(got_->status.code(), Code::unimplemented);
}

// Whoever takes a message wants to pause after it, and before it says so the subscription is given up.
TEST_P(Streams, ACancelThatComesBeforeThePauseEndsTheStream) {
  start();
  Subscription subscription;
  std::promise<void> opened;
  auto events = collect(got_);
  events.on_message = [&, is_open = opened.get_future().share()](const google::protobuf::Message&) {
    is_open.wait();
    subscription.cancel();
    return false;
  };
  subscription = channel().stream(count_method, ping("", 50), Pong(), {}, std::move(events));
  opened.set_value();
  EXPECT_TRUE(soon([&] { return got_->is_done(); }));
}

TEST_P(Streams, CancelIsSafeAtAnyMoment) {
  start();
  for (int i = 0; i < 200; ++i) {
    auto subscription = read(count_method, ping("", 50), {}, i % 2 == 0);
    if (i % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(i * 10));
    if (i % 5 == 0) subscription.resume();
    subscription.cancel();
    subscription.cancel();
  }
}

}  // namespace
}  // namespace loomline::rpc
