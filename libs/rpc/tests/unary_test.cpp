#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <future>

#include "echo_fixture.hpp"
#include "loomline/telemetry/metrics.hpp"

namespace loomline::rpc {
namespace {

// One behaviour over both transports.
class Unary : public ::testing::TestWithParam<bool> {
 protected:
  void start() { ASSERT_NO_FATAL_FAILURE(echo_.start()); }
  Channel& channel() { return GetParam() ? *echo_.local : *echo_.socket; }
  Result<Pong> call(const char* method, const Ping& request, const CallOptions& options = {}, Reply* reply = nullptr) {
    return channel().call<Ping, Pong>(method, request, options, reply);
  }
  EchoServer echo_;
};
INSTANTIATE_TEST_SUITE_P(Transport, Unary, ::testing::Bool(),
                         [](const auto& transport) { return transport.param ? "InProcess" : "Socket"; });

TEST_P(Unary, CarriesTheMessageTheCallerTheTraceAndPositions) {
  start();
  const auto trace = telemetry::TraceContext::root();
  const telemetry::TraceScope scope(trace);
  CallOptions options{.caller = {"edge", "acme", "portal", "sub_1"}, .idempotency_key = "k-1", .positions = "a:1"};
  Reply reply;
  const auto pong = call(echo_method, ping("h\xc3\xa9llo", 7), options, &reply);
  ASSERT_TRUE(pong.ok()) << pong.status().to_string();
  EXPECT_EQ((*pong).text(), "h\xc3\xa9llo");
  EXPECT_EQ((*pong).caller(), "edge/acme/portal/sub_1/k-1/a:1");
  EXPECT_EQ((*pong).trace_id(), trace.trace_id_hex());
  EXPECT_EQ(reply.positions, "intake/1/3:42");
  EXPECT_GT((*pong).remaining_ms(), 8000);
  EXPECT_LE((*pong).remaining_ms(), 10200);  // grpc-timeout is rounded up
}

TEST_P(Unary, AnEmptyMessageIsAMessage) {
  start();
  const auto pong = call(echo_method, Ping());
  ASSERT_TRUE(pong.ok()) << pong.status().to_string();
  EXPECT_EQ((*pong).text(), "");
}

TEST_P(Unary, AnErrorKeepsCodeReasonMessageAndViolations) {
  echo_.fail = [](const CallContext&, const Ping&) -> Result<Pong> {
    return Status(Code::invalid_argument, "QUANTITY", "The order has no quantity.")
        .with({"lines[0].quantity", "is missing", "give a whole number above 0"})
        .with({"lines[1].product", "\xe6\x9c\xaa\xe7\x9f\xa5", "choose one of the list"});
  };
  start();
  const auto pong = call(fail_method, ping("x"));
  ASSERT_FALSE(pong.ok());
  EXPECT_EQ(pong.status().code(), Code::invalid_argument);
  EXPECT_EQ(pong.status().reason(), "QUANTITY");
  EXPECT_EQ(pong.status().message(), "The order has no quantity.");
  ASSERT_EQ(pong.status().violations().size(), 2U);
  EXPECT_EQ(pong.status().violations()[0],
            (Violation{"lines[0].quantity", "is missing", "give a whole number above 0"}));
  EXPECT_EQ(pong.status().violations()[1].problem, "\xe6\x9c\xaa\xe7\x9f\xa5");
}

TEST_P(Unary, EveryCodeSurvives) {
  echo_.fail = [](const CallContext&, const Ping& request) -> Result<Pong> {
    return Status(static_cast<Code>(request.number()), "R", "M");
  };
  start();
  for (int code = 1; code <= 16; ++code) {
    const auto pong = call(fail_method, ping("", code));
    EXPECT_EQ(static_cast<int>(pong.status().code()), code);
    EXPECT_EQ(pong.status().reason(), "R");
  }
}

TEST_P(Unary, ManyViolationsAreCutToWhatATrailerHolds) {
  echo_.fail = [](const CallContext&, const Ping&) -> Result<Pong> {
    auto status = invalid("field[0]", "is wrong", "mend it");
    for (int i = 1; i < 1000; ++i) status.with({"field[" + std::to_string(i) + "]", "is wrong", "mend it"});
    return status;
  };
  start();
  const auto pong = call(fail_method, ping("x"));
  EXPECT_EQ(pong.status().code(), Code::invalid_argument);
  EXPECT_GT(pong.status().violations().size(), 50U);
  EXPECT_LT(pong.status().violations().size(), 1000U);
}

TEST_P(Unary, AnUnknownMethodIsUnimplemented) {
  start();
  const auto pong = call("loomline.rpctest.v1.EchoService.Nothing", ping("x"));
  EXPECT_EQ(pong.status().code(), Code::unimplemented);
  EXPECT_EQ(pong.status().reason(), "METHOD_UNKNOWN");
}

TEST_P(Unary, BytesThatDoNotParseAreInvalidArgument) {
  start();
  Pong wrong;
  wrong.set_text("\x01\x02");
  // Ping.number is a varint in field 2; as a string field of the same number the bytes still parse, so send bad UTF-8
  // in a string, which proto3 refuses.
  google::protobuf::Message& raw = wrong;
  raw.GetReflection()->MutableUnknownFields(&raw)->AddLengthDelimited(1, "\xff\xfe\xff");
  const auto pong = channel().call<Pong, Pong>(echo_method, wrong);
  EXPECT_EQ(pong.status().code(), Code::invalid_argument) << pong.status().to_string();
  EXPECT_NE(pong.status().to_string().find("loomline.rpctest.v1.Ping"), std::string::npos);
}

TEST_P(Unary, AMessageAboveTheLimitIsRefused) {
  echo_.options.max_message_bytes = 100'000;
  start();
  EXPECT_TRUE(call(echo_method, ping(std::string(99'000, 'x'))).ok());
  const auto pong = call(echo_method, ping(std::string(200'000, 'x')));
  EXPECT_EQ(pong.status().code(), Code::resource_exhausted) << pong.status().to_string();
  EXPECT_TRUE(call(echo_method, ping("after")).ok());
}

TEST_P(Unary, ADeadlineEndsTheCallAndTheHandlerCanSeeIt) {
  std::atomic<bool> noticed{false};
  echo_.fail = [&](const CallContext& call, const Ping&) -> Result<Pong> {
    while (!call.cancelled()) std::this_thread::sleep_for(milliseconds(2));
    noticed = true;
    std::this_thread::sleep_for(milliseconds(200));  // an answer must not overtake the caller's own clock
    return Pong();
  };
  start();
  const auto begun = std::chrono::steady_clock::now();
  const auto pong = call(fail_method, ping("x"), {.timeout = milliseconds(150)});
  EXPECT_EQ(pong.status().code(), Code::deadline_exceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(3));
  EXPECT_TRUE(soon([&] { return noticed.load(); }));
}

// In gRPC's own words, as any client may say it: our own asks for a year at most.
TEST_P(Unary, ADeadlineInCenturiesIsNotOver) {
  start();
  EXPECT_TRUE(call(echo_method, ping("x"), {.timeout = Duration::max()}).ok());
  grpc::GenericStub stub(grpc::CreateChannel(echo_.server->address(), grpc::InsecureChannelCredentials()));
  constexpr std::int64_t kYear = 365 * 86'400;
  for (const auto years : {250, 400, 11'000}) {
    const auto seconds = years * kYear;
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(seconds, GPR_TIMESPAN)));
    const grpc::Slice nothing("");
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer answer;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, "/loomline.rpctest.v1.EchoService/Echo", {}, &request, &answer,
                   [&](const grpc::Status& status) { done.set_value(status); });
    const auto status = done.get_future().get();
    ASSERT_TRUE(status.ok()) << years << " years: " << status.error_message();
    grpc::Slice said;
    ASSERT_TRUE(answer.DumpToSingleSlice(&said).ok());
    Pong pong;
    ASSERT_TRUE(pong.ParseFromArray(said.begin(), static_cast<int>(said.size())));
    EXPECT_GT(pong.remaining_ms(), 300LL * 86'400'000) << years << " years";
  }
}

TEST_P(Unary, AFullQueueIsResourceExhausted) {
  echo_.options.threads = 1;
  echo_.options.queue_limit = 1;
  std::atomic<bool> open{false};
  std::atomic<int> inside{0};
  echo_.fail = [&](const CallContext&, const Ping&) -> Result<Pong> {
    ++inside;
    while (!open) std::this_thread::sleep_for(milliseconds(1));
    return Pong();
  };
  start();
  std::atomic<int> good{0};
  std::atomic<int> full{0};
  const auto one = [&] {
    const auto pong = call(fail_method, ping("x"));
    if (pong.ok()) ++good;
    if (pong.status().reason() == "SERVER_BUSY") ++full;
  };
  std::thread first(one);
  ASSERT_TRUE(soon([&] { return inside == 1; }));
  std::vector<std::thread> others;
  for (int i = 0; i < 4; ++i) others.emplace_back(one);
  EXPECT_TRUE(soon([&] { return full == 3; }));
  open = true;
  first.join();
  for (auto& thread : others) thread.join();
  EXPECT_EQ(good, 2);
  EXPECT_EQ(full, 3);
}

TEST_P(Unary, AnExceptionIsInternalAndTheServerLives) {
  echo_.fail = [](const CallContext&, const Ping&) -> Result<Pong> { throw std::runtime_error("secret row"); };
  start();
  const auto pong = call(fail_method, ping("x"));
  EXPECT_EQ(pong.status().code(), Code::internal);
  EXPECT_EQ(pong.status().to_string().find("secret"), std::string::npos);
  EXPECT_TRUE(call(echo_method, ping("after")).ok());
}

TEST_P(Unary, MetadataThatCannotTravelIsRefusedBeforeSending) {
  start();
  EXPECT_EQ(call(echo_method, ping("x"), {.idempotency_key = "a\nb"}).status().code(), Code::invalid_argument);
  EXPECT_EQ(call(echo_method, ping("x"), {.idempotency_key = std::string(201, 'k')}).status().code(),
            Code::invalid_argument);
}

TEST_P(Unary, OnlyUnavailableAndOnlyIdempotentCallsAreRetried) {
  std::atomic<int> calls{0};
  echo_.fail = [&](const CallContext&, const Ping& request) -> Result<Pong> {
    if (++calls < 3) return Status(static_cast<Code>(request.number()), "R", "M");
    return Pong();
  };
  start();
  const auto unavailable_code = static_cast<int>(Code::unavailable);
  EXPECT_TRUE(call(fail_method, ping("", unavailable_code), {.idempotent = true}).ok());
  EXPECT_EQ(calls, 3);
  calls = 0;
  EXPECT_TRUE(call(fail_method, ping("", unavailable_code), {.idempotency_key = "k"}).ok());
  calls = 0;
  EXPECT_FALSE(call(fail_method, ping("", unavailable_code)).ok());
  EXPECT_EQ(calls, 1);
  calls = 0;
  EXPECT_FALSE(call(fail_method, ping("", static_cast<int>(Code::aborted)), {.idempotent = true}).ok());
  EXPECT_EQ(calls, 1);
}

TEST_P(Unary, AsynchronousCallsCompleteInAnyNumber) {
  start();
  std::atomic<int> good{0};
  for (int i = 0; i < 200; ++i) {
    auto answer = std::make_shared<Pong>();
    channel().call_async(echo_method, ping("x", i), answer, {}, [&good, answer, i](const Status& status, const Reply&) {
      if (status.ok() && answer->number() == i) ++good;
    });
  }
  EXPECT_TRUE(soon([&] { return good == 200; })) << good;
}

TEST_P(Unary, WhatComesBeforeEachHandlerMayRefuse) {
  echo_.before_each = [](const CallContext& call) {
    return call.positions == "stale" ? unavailable("STALE", "Not applied yet.") : Status();
  };
  start();
  EXPECT_TRUE(call(echo_method, ping("x")).ok());
  EXPECT_EQ(call(echo_method, ping("x"), {.positions = "stale"}).status().reason(), "STALE");
}

TEST_P(Unary, CallsAreCountedByMethodAndCode) {
  start();
  EXPECT_FALSE(call(fail_method, ping("x")).ok());
  const auto text = telemetry::render_metrics();
  EXPECT_NE(text.find("loomline_rpc_server_calls_total{code=\"not_found\","
                      "method=\"loomline.rpctest.v1.EchoService.Fail\"}"),
            std::string::npos);
}

}  // namespace
}  // namespace loomline::rpc
