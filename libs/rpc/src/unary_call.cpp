#include <utility>

#include "bytes.hpp"
#include "error_mapping.hpp"
#include "loomline/telemetry/log.hpp"
#include "metadata.hpp"
#include "server_impl.hpp"

namespace loomline::rpc {
namespace {

class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const Status& status) { Finish(to_grpc(status)); }
  void OnDone() override { delete this; }
};

// The order of life: StartRead -> OnReadDone (gRPC thread) -> run (pool thread) -> Finish -> OnDone. gRPC calls OnDone
// only after Finish, so that nothing after Finish may touch the object, and everything before it may.
class UnaryCall final : public grpc::ServerGenericBidiReactor {
 public:
  UnaryCall(Server::Impl& server, const Method& method, grpc::GenericCallbackServerContext* context)
      : server_(server), method_(method), context_(context), begun_(std::chrono::steady_clock::now()) {
    call_.method = method.name;
    refused_ = read_context(*context, server.options.default_deadline, call_);
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return finish(invalid("", "the call carries no message", "send exactly one request message"));
    if (!refused_.ok()) return finish(refused_);
    if (!method_.pool->submit([this] { run(); })) finish(server_busy());
  }
  void OnCancel() override { call_.state->cancel(); }
  void OnDone() override { delete this; }

 private:
  void run() {
    const telemetry::TraceScope trace(call_.trace);
    if (auto status = still_wanted(call_); !status.ok()) return finish(status);
    const std::unique_ptr<google::protobuf::Message> request(method_.request->New());
    if (!from_bytes(request_, *request)) {
      return finish(invalid("", "the bytes are not a " + std::string(request->GetDescriptor()->full_name()),
                            "serialize the request with the published contract"));
    }
    const std::unique_ptr<google::protobuf::Message> response(method_.response->New());
    const Status status = guarded(server_, call_, [&] { return method_.unary(call_, *request, *response); });
    if (!status.ok()) return finish(status);
    answer(*response);
  }

  void answer(const google::protobuf::Message& response) {
    response_ = to_bytes(response);
    trailers();
    method_.metrics->record(Code::ok, begun_);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void finish(const Status& status) {
    trailers();
    method_.metrics->record(status.code(), begun_);
    Finish(to_grpc(status, call_.trace.trace_id_hex()));
  }
  void trailers() {
    const auto positions = call_.state->positions();
    if (!positions.empty()) context_->AddTrailingMetadata(metadata::positions, positions);
  }

  Server::Impl& server_;
  const Method& method_;
  grpc::GenericCallbackServerContext* context_;
  const std::chrono::steady_clock::time_point begun_;
  CallContext call_;
  Status refused_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace

grpc::ServerGenericBidiReactor* refuse(const Status& status) { return new Refusal(status); }

grpc::ServerGenericBidiReactor* begin_unary(Server::Impl& server, const Method& method,
                                            grpc::GenericCallbackServerContext* context) {
  return new UnaryCall(server, method, context);
}

Status still_wanted(const CallContext& call) {
  if (call.state->cancelled()) return {Code::cancelled, "CANCELLED", "The caller has gone away."};
  if (call.remaining() == Duration::zero())
    return {Code::deadline_exceeded, "DEADLINE_EXCEEDED", "The call waited longer than its deadline."};
  return {};
}

Status guarded(const Server::Impl& server, const CallContext& call, const std::function<Status()>& handler) {
  try {
    if (server.before_each) {
      if (auto status = server.before_each(call); !status.ok()) return status;
    }
    return handler();
  } catch (const std::exception& exception) {
    telemetry::log_error("handler failed",
                         {telemetry::field::id("method", call.method), telemetry::field::error(exception)});
  } catch (...) {
    telemetry::log_error("handler failed", {telemetry::field::id("method", call.method)});
  }
  return internal("The service failed unexpectedly; the trace id names the log lines.");
}

}  // namespace loomline::rpc
