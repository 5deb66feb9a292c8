// The client's side of gRPC, over a socket or inside the process, with the same behaviour. Thread-safe; a Channel is
// cheap to share and dear to make: one for each peer. Connecting is lazy.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "loomline/rpc/context.hpp"

namespace loomline::rpc {

// PEM files for mutual TLS.
struct TlsFiles {
  std::string authority;    // certificates of who may have signed the other side
  std::string certificate;  // our own chain
  std::string key;          // our own private key
};

struct CallOptions {
  std::optional<Duration> timeout{};  // unset: 10 s for a unary call, none for a stream
  Caller caller{};
  std::string idempotency_key{};  // at most 200 printable ASCII characters
  std::string positions{};        // printable ASCII
  // May the call be sent again? An idempotency key implies it. Then UNAVAILABLE (and nothing else) is retried with
  // backoff 50 ms doubling to 1 s, jittered, until the timeout.
  bool idempotent = false;
  bool wait_for_ready = false;      // wait for a connection instead of failing at once; bounded by the timeout
  telemetry::TraceContext trace{};  // not valid: a child of the thread's current one

  // For a call made while answering another: its caller, trace and remaining time. Not the idempotency key: derive one
  // (key + "/reserve"), for the scope of a key is one command.
  static CallOptions from(const CallContext& call);
};

// What came with the answer besides the message.
struct Reply {
  std::string positions;
};

// A stream being read. Destroying it cancels the stream.
class Subscription {
 public:
  class Impl;
  Subscription() = default;
  explicit Subscription(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  ~Subscription() { cancel(); }
  Subscription(Subscription&& other) noexcept : impl_(std::move(other.impl_)) {}
  Subscription& operator=(Subscription&& other) noexcept {
    if (this != &other) {
      cancel();
      impl_ = std::move(other.impl_);
    }
    return *this;
  }
  // After on_message answered false: read on. Thread-safe.
  void resume();
  // on_done follows soon, once, with CANCELLED. Thread-safe, idempotent, also from inside a callback.
  void cancel();
  bool active() const { return impl_ != nullptr; }

 private:
  std::shared_ptr<Impl> impl_;
};

// The callbacks run on gRPC's own threads, one at a time for a stream: never block in them. No thread is held by an
// idle stream. `on_message` answers true to read on at once, false to stop reading until Subscription::resume() (the
// server then feels the slowness). `on_done` comes exactly once, last.
struct StreamEvents {
  std::function<bool(const google::protobuf::Message&)> on_message;
  std::function<void(const Status&)> on_done;
};

class Channel {
 public:
  class Impl;
  explicit Channel(std::unique_ptr<Impl> impl);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // `address` as gRPC takes it ("host:port", "dns:///host:port").
  static std::shared_ptr<Channel> connect(const std::string& address, const std::optional<TlsFiles>& tls = {});

  // `method` is the full protobuf name, "loomline.intake.v1.IntakeService.PlaceOrder".
  template <class Req, class Res>
  Result<Res> call(std::string_view method, const Req& request, const CallOptions& options = {},
                   Reply* reply = nullptr) {
    Res response;
    if (Status status = call_untyped(method, request, response, options, reply); !status.ok()) return status;
    return response;
  }
  // For generic transcoding. Blocks the calling thread: never call it from a gRPC callback.
  Status call_untyped(std::string_view method, const google::protobuf::Message& request,
                      google::protobuf::Message& response, const CallOptions& options = {}, Reply* reply = nullptr);
  // Does not block; `done` runs once on a gRPC thread (never inside this call) and must not block. `request` is
  // serialized before this returns; `response` is filled before `done`.
  void call_async(std::string_view method, const google::protobuf::Message& request,
                  std::shared_ptr<google::protobuf::Message> response, const CallOptions& options,
                  std::function<void(const Status&, const Reply&)> done);
  // Reads a server stream; `prototype` gives the message type.
  Subscription stream(std::string_view method, const google::protobuf::Message& request,
                      const google::protobuf::Message& prototype, const CallOptions& options, StreamEvents events);

  // Tries to connect and waits; true once connected.
  bool wait_connected(Duration timeout);
  // What grpc.health.v1 answers for `service` ("" for the whole server).
  bool healthy(std::string_view service = {}, Duration timeout = std::chrono::seconds(1));

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace loomline::rpc
