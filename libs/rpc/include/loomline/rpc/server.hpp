// A gRPC server for services of which only messages and descriptors are generated: no translation unit but this library
// sees grpcpp. Handlers are plain functions that return Result<Response>; they may block (each service has a bounded
// pool of its own, so that one service waiting for another in the same process cannot starve it).
//
//   rpc::Server server({.address = "127.0.0.1:0"});
//   server.unary<GetOrderRequest, Order>("loomline.intake.v1.IntakeService.GetOrder",
//       [&](const rpc::CallContext& call, const GetOrderRequest& request) -> Result<Order> { ... });
//   server.finish_registration("loomline.intake.v1.IntakeService");
//   if (auto status = server.start(); !status.ok()) ...
//
// Answered without asking a handler: an unknown method UNIMPLEMENTED, bytes that do not parse INVALID_ARGUMENT, a full
// queue RESOURCE_EXHAUSTED, a message above the limit RESOURCE_EXHAUSTED, a deadline that passed in the queue
// DEADLINE_EXCEEDED. An exception out of a handler is logged and answered INTERNAL. The standard grpc.health.v1 service
// is on every port. Registration is not thread-safe and ends with start().
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "loomline/rpc/channel.hpp"
#include "loomline/rpc/context.hpp"
#include "loomline/rpc/stream.hpp"

namespace loomline::rpc {

class Server {
 public:
  struct Options {
    std::string address = "127.0.0.1:0";  // port 0 picks a free one, see port(); empty: in-process calls only
    int threads = 8;                      // handler threads for each service
    int stream_threads = 4;               // threads for blocking server_stream handlers, all services together
    std::size_t queue_limit = 256;        // calls waiting for a handler thread, each service
    std::size_t stream_buffer = 64;       // messages buffered for each stream
    std::size_t max_message_bytes = std::size_t{4} << 20;
    Duration default_deadline = std::chrono::seconds(10);  // for unary calls that bring none
    std::optional<TlsFiles> tls{};                         // set: the port asks every client for a certificate
  };

  explicit Server(Options options);
  ~Server();  // shuts down
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Registers the handler of a method by its full protobuf name. Throws std::logic_error at once where the generated
  // descriptors do not know the method, its types differ, or it is (not) a stream.
  template <class Req, class Res>
  void unary(std::string_view method, std::function<Result<Res>(const CallContext&, const Req&)> handler) {
    add_unary(method, Req::default_instance(), Res::default_instance(),
              [handler = std::move(handler)](const CallContext& call, const google::protobuf::Message& request,
                                             google::protobuf::Message& response) -> Status {
                Result<Res> result = handler(call, static_cast<const Req&>(request));
                if (!result.ok()) return result.status();
                static_cast<Res&>(response) = std::move(*result);
                return {};
              });
  }
  // server.unary("loomline...GetOrder", &api, &OrderApi::get_order)
  template <class T, class Req, class Res>
  void unary(std::string_view method, T* object, Result<Res> (T::*handler)(const CallContext&, const Req&)) {
    unary<Req, Res>(method, [object, handler](const CallContext& call, const Req& request) {
      return (object->*handler)(call, request);
    });
  }
  template <class T, class Req, class Res>
  void unary(std::string_view method, const T* object,
             Result<Res> (T::*handler)(const CallContext&, const Req&) const) {
    unary<Req, Res>(method, [object, handler](const CallContext& call, const Req& request) {
      return (object->*handler)(call, request);
    });
  }

  // For handlers that know their types only at run time; the prototypes live as long as the server.
  using UnaryHandler =
      std::function<Status(const CallContext&, const google::protobuf::Message&, google::protobuf::Message&)>;
  void unary_untyped(std::string_view method, const google::protobuf::Message& request,
                     const google::protobuf::Message& response, UnaryHandler handler) {
    add_unary(method, request, response, std::move(handler));
  }
  // Runs on the handler's thread before every handler; may block; an error is the call's answer. One a server.
  void before_each(std::function<Status(const CallContext&)> check);
  bool has(std::string_view method) const;
  // The full names of the services of which a method is registered.
  std::vector<std::string> services() const;

  // A stream answered by a function that writes and returns; it holds one of `stream_threads` meanwhile.
  template <class Req, class Res>
  void server_stream(std::string_view method,
                     std::function<Status(const CallContext&, const Req&, Writer<Res>&)> handler) {
    add_stream(method, Req::default_instance(), Res::default_instance(), true,
               [handler = std::move(handler)](const CallContext& call, const google::protobuf::Message& request,
                                              std::shared_ptr<Stream> stream) -> Status {
                 Writer<Res> writer(*stream);
                 return handler(call, static_cast<const Req&>(request), writer);
               });
  }

  // A stream that outlives the handler: it keeps the handle and returns ok, or returns an error, which ends the stream.
  template <class Req, class Res>
  void server_push(std::string_view method,
                   std::function<Status(const CallContext&, const Req&, StreamHandle<Res>)> handler) {
    add_stream(method, Req::default_instance(), Res::default_instance(), false,
               [handler = std::move(handler)](const CallContext& call, const google::protobuf::Message& request,
                                              std::shared_ptr<Stream> stream) -> Status {
                 return handler(call, static_cast<const Req&>(request), StreamHandle<Res>(std::move(stream)));
               });
  }

  // Throws std::logic_error naming every method of the service that has no handler.
  void finish_registration(std::string_view service_full_name);

  // unavailable (ADDRESS_IN_USE) where the port cannot be bound; invalid_argument where a certificate cannot be read.
  Status start();
  int port() const;             // 0 before start() or without an address
  std::string address() const;  // "127.0.0.1:43211", to hand to Channel::connect
  // What the health service answers for "" and every registered service. Not ready after start(), until told.
  void set_ready(bool ready);

  // Refuses new calls, ends the push streams with UNAVAILABLE, waits up to `grace` for calls under way, then cancels
  // them and waits for their handlers to return. Idempotent.
  void shutdown(Duration grace = std::chrono::seconds(10));

  // Calls into this very server without a socket; behaves like any Channel. Blocking unary calls are handed to the
  // handler's pool as they are: no bytes, no gRPC. Needs start().
  std::shared_ptr<Channel> in_process_channel();

  class Impl;  // of this library

 private:
  using StreamHandler =
      std::function<Status(const CallContext&, const google::protobuf::Message&, std::shared_ptr<Stream>)>;
  void add_unary(std::string_view method, const google::protobuf::Message& request,
                 const google::protobuf::Message& response, UnaryHandler handler);
  void add_stream(std::string_view method, const google::protobuf::Message& request,
                  const google::protobuf::Message& response, bool blocking, StreamHandler handler);

  std::unique_ptr<Impl> impl_;
};

}  // namespace loomline::rpc
