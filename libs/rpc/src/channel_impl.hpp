// The client's inside.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "loomline/rpc/channel.hpp"

namespace loomline::rpc {

class LocalCalls;

class Channel::Impl {
 public:
  explicit Impl(std::shared_ptr<grpc::Channel> given, std::shared_ptr<LocalCalls> here = nullptr)
      : channel(std::move(given)), local(std::move(here)) {}
  // A channel that could not be made (unreadable certificates) says so on every call.
  explicit Impl(Status broken) : error(std::move(broken)) {}

  std::shared_ptr<grpc::Channel> channel;
  std::shared_ptr<LocalCalls> local;  // the peer is in this process: blocking unary calls need no gRPC
  Status error;
};

// gRPC 1.51 shares the threads of its callbacks between all channels and servers and joins them with the last one,
// which a callback may well be the last to release: a thread that joins itself. This keeps them for the life of the
// process. Called wherever a channel or server is made.
void keep_callback_threads();

grpc::ChannelArguments client_arguments();
std::shared_ptr<Channel> make_channel(std::shared_ptr<grpc::Channel> channel,
                                      std::shared_ptr<LocalCalls> local = nullptr);

constexpr Duration default_timeout = std::chrono::seconds(10);
constexpr std::size_t most_answer_bytes = std::size_t{16} << 20;

// When a call that may be sent again is sent again.
class Backoff {
 public:
  static bool worth_it(const CallOptions& options, Code code);
  std::chrono::milliseconds shortest() const { return next_; }
  // Full jitter over the upper half: retries of many clients spread, none is immediate.
  std::chrono::milliseconds take();

 private:
  std::chrono::milliseconds next_{50};
};

// Begins to read a stream; the implementation keeps itself alive until its end.
std::shared_ptr<Subscription::Impl> subscribe(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                                              const google::protobuf::Message& request,
                                              const google::protobuf::Message& prototype, const CallOptions& options,
                                              StreamEvents events);

}  // namespace loomline::rpc
