// The client's inside.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>

#include "loomline/rpc/channel.hpp"

namespace loomline::rpc {

class Channel::Impl {
 public:
  explicit Impl(std::shared_ptr<grpc::Channel> given) : channel(std::move(given)) {}
  // A channel that could not be made (unreadable certificates) says so on every call.
  explicit Impl(Status broken) : error(std::move(broken)) {}

  std::shared_ptr<grpc::Channel> channel;
  Status error;
};

// gRPC 1.51 shares the threads of its callbacks between all channels and servers and joins them with the last one,
// which a callback may well be the last to release: a thread that joins itself. This keeps them for the life of the
// process. Called wherever a channel or server is made.
void keep_callback_threads();

grpc::ChannelArguments client_arguments();
std::shared_ptr<Channel> make_channel(std::shared_ptr<grpc::Channel> channel);

// Begins to read a stream; the implementation keeps itself alive until its end.
std::shared_ptr<Subscription::Impl> subscribe(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                                              const google::protobuf::Message& request,
                                              const google::protobuf::Message& prototype, const CallOptions& options,
                                              StreamEvents events);

}  // namespace loomline::rpc
