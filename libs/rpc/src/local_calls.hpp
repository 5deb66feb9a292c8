// Blocking unary calls between services of one process: the message goes to the handler as it is, the answer comes back
// as it is. No bytes, no gRPC. What the caller and the handler can see is what they would see over a socket; the tests
// of this library run over both.
//
// Who names a timeout leaves at it, whatever the handler does: the handler runs on a thread of its pool, one switch of
// threads there and one back. Who names none is served on its own thread, in the turn of one of the pool's, and has to
// wait for the handler, which knows the usual deadline.
//
// Everything else (streams, call_async, methods and types that the server does not know, the health service) goes
// through gRPC's own in-process transport.
#pragma once

#include <google/protobuf/message.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include "loomline/rpc/channel.hpp"
#include "loomline/rpc/context.hpp"
#include "server_impl.hpp"

namespace loomline::rpc {

class LocalCall;

// The calls of one server that are under way; shared with its channels, which may outlive it. Thread-safe.
class LocalCalls {
 public:
  // `server` lives until close() has returned.
  explicit LocalCalls(Server::Impl& server) : server_(server) {}

  // With its retries. Empty where the call has to go through gRPC.
  std::optional<Status> call(std::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message& response, const CallOptions& options, Reply* reply);

  // Refuses new calls; waits for those under way until `deadline`, then cancels them, and waits for their handlers.
  void close(Deadline deadline);

 private:
  class Visit;

  std::optional<Status> attempt(std::string_view name, const google::protobuf::Message& request,
                                google::protobuf::Message& response, const CallContext& context, bool may_leave,
                                Reply* reply);
  Status serve_here(const Method& method, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const CallContext& context, Reply* reply);
  void hand_over(const std::shared_ptr<LocalCall>& call, WorkerPool& pool);
  void leave(const std::shared_ptr<LocalCall>& call);

  Server::Impl& server_;
  std::mutex mutex_;
  std::condition_variable left_;
  std::set<std::shared_ptr<LocalCall>> live_;  // a handler has it, or will
  std::set<std::shared_ptr<CallState>> served_here_;
  int callers_ = 0;  // inside attempt()
  bool closed_ = false;
};

}  // namespace loomline::rpc
