#include "loomline/rpc/channel.hpp"

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/alarm.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <future>
#include <random>

#include "bytes.hpp"
#include "channel_impl.hpp"
#include "deadlines.hpp"
#include "error_mapping.hpp"
#include "local_calls.hpp"
#include "metadata.hpp"
#include "tls.hpp"

namespace loomline::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

// One unary call with its retries; keeps itself alive through the callbacks that gRPC holds.
class AsyncCall final : public std::enable_shared_from_this<AsyncCall> {
 public:
  using Done = std::function<void(const Status&, const Reply&)>;

  AsyncCall(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
            const google::protobuf::Message& request, std::shared_ptr<google::protobuf::Message> response,
            CallOptions options, Done done)
      : stub_(channel),
        path_(path_of(method)),
        request_(to_bytes(request)),
        response_(std::move(response)),
        options_(std::move(options)),
        done_(std::move(done)),
        deadline_(after<system_clock>(options_.timeout.value_or(default_timeout))) {
    // The retries of one call belong to one trace, whichever thread runs them.
    if (!options_.trace.valid()) options_.trace = telemetry::current_trace().child();
  }

  // An error where the options cannot be sent; then `done` is not called.
  Status attempt() {
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(deadline_);
    context_->set_wait_for_ready(options_.wait_for_ready);
    if (auto status = write_context(options_, *context_); !status.ok()) return status;
    answer_.Clear();
    stub_.UnaryCall(context_.get(), path_, {}, &request_, &answer_,
                    [self = shared_from_this()](const grpc::Status& status) { self->completed(status); });
    return {};
  }

 private:
  void completed(const grpc::Status& status) {
    if (!status.ok()) {
      if (may_retry(status)) return retry_later();
      return done_(from_grpc(status), reply());
    }
    if (!from_bytes(answer_, *response_)) return done_(internal("The peer's answer does not parse."), {});
    done_({}, reply());
  }

  bool may_retry(const grpc::Status& status) const {
    return Backoff::worth_it(options_, static_cast<Code>(status.error_code())) &&
           system_clock::now() + backoff_.shortest() < deadline_;
  }

  void retry_later() {
    // The alarm keeps its callback after firing: the callback must not own us, or we would own ourselves.
    keep_ = shared_from_this();
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(system_clock::now() + backoff_.take(), [this](bool) {
      const auto self = std::move(keep_);
      if (auto status = attempt(); !status.ok()) done_(status, {});
    });
  }

  Reply reply() const {
    const auto& trailers = context_->GetServerTrailingMetadata();
    const auto found = trailers.find(metadata::positions);
    if (found == trailers.end()) return {};
    return {std::string(found->second.data(), found->second.size())};
  }

  grpc::GenericStub stub_;  // holds the channel while the call lives
  const std::string path_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
  std::shared_ptr<google::protobuf::Message> response_;
  CallOptions options_;
  Done done_;
  const system_clock::time_point deadline_;
  Backoff backoff_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::Alarm> alarm_;
  std::shared_ptr<AsyncCall> keep_;
};

// Borrowed for the length of a blocking call.
std::shared_ptr<google::protobuf::Message> borrow(google::protobuf::Message& message) {
  return {&message, [](google::protobuf::Message*) {}};
}

}  // namespace

bool Backoff::worth_it(const CallOptions& options, Code code) {
  return code == Code::unavailable && (options.idempotent || !options.idempotency_key.empty());
}

milliseconds Backoff::take() {
  static constexpr milliseconds longest{1000};
  thread_local std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<milliseconds::rep> upper_half(next_.count() / 2, next_.count());
  next_ = std::min(next_ * 2, longest);
  return milliseconds(upper_half(random));
}

void keep_callback_threads() {
  // Without credentials gRPC makes a channel that fails every call at once; one call takes the threads. Never
  // destroyed.
  static const auto* const kept = [] {
    auto* stub = new grpc::GenericStub(grpc::CreateCustomChannel("", nullptr, {}));
    struct Call {
      grpc::ClientContext context;
      grpc::ByteBuffer request, answer;
    };
    auto* call = new Call{{}, to_bytes(google::protobuf::Empty()), {}};
    stub->UnaryCall(&call->context, "/none", {}, &call->request, &call->answer,
                    [call](const grpc::Status&) { delete call; });
    return stub;
  }();
  static_cast<void>(kept);
}

grpc::ChannelArguments client_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  // A server limits what it takes, not what it says.
  arguments.SetMaxReceiveMessageSize(static_cast<int>(most_answer_bytes));
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // services reach each other directly
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // Despite its name: how long connecting may take, TLS and all, before it is tried anew (gRPC's MIN_CONNECT_TIMEOUT).
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // ours know what is idempotent
  return arguments;
}

std::shared_ptr<Channel> make_channel(std::shared_ptr<grpc::Channel> channel, std::shared_ptr<LocalCalls> local) {
  keep_callback_threads();
  return std::make_shared<Channel>(std::make_unique<Channel::Impl>(std::move(channel), std::move(local)));
}

Channel::Channel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Channel::~Channel() = default;

std::shared_ptr<Channel> Channel::connect(const std::string& address, const std::optional<TlsFiles>& tls) {
  auto credentials = client_credentials(tls);
  if (!credentials.ok()) return std::make_shared<Channel>(std::make_unique<Impl>(credentials.status()));
  return make_channel(grpc::CreateCustomChannel(address, *credentials, client_arguments()));
}

void Channel::call_async(std::string_view method, const google::protobuf::Message& request,
                         std::shared_ptr<google::protobuf::Message> response, const CallOptions& options,
                         std::function<void(const Status&, const Reply&)> done) {
  if (!impl_->error.ok()) return done(impl_->error, {});
  const auto call = std::make_shared<AsyncCall>(impl_->channel, method, request, std::move(response), options, done);
  if (auto status = call->attempt(); !status.ok()) done(status, {});
}

Status Channel::call_untyped(std::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message& response, const CallOptions& options, Reply* reply) {
  if (impl_->local != nullptr) {
    if (auto status = impl_->local->call(method, request, response, options, reply)) return *std::move(status);
  }
  std::promise<Status> promise;
  auto answered = promise.get_future();
  call_async(method, request, borrow(response), options, [&](const Status& status, const Reply& came) {
    if (reply != nullptr) *reply = came;
    promise.set_value(status);
  });
  return answered.get();
}

Subscription Channel::stream(std::string_view method, const google::protobuf::Message& request,
                             const google::protobuf::Message& prototype, const CallOptions& options,
                             StreamEvents events) {
  if (!impl_->error.ok()) {
    events.on_done(impl_->error);
    return {};
  }
  return Subscription(subscribe(impl_->channel, method, request, prototype, options, std::move(events)));
}

bool Channel::wait_connected(Duration timeout) {
  return impl_->error.ok() && impl_->channel->WaitForConnected(after<system_clock>(timeout));
}

bool Channel::healthy(std::string_view service, Duration timeout) {
  // HealthCheckRequest {string service = 1;}, HealthCheckResponse {ServingStatus status = 1;} with SERVING = 1.
  google::protobuf::Empty request;
  google::protobuf::Empty response;
  if (!service.empty()) {
    request.GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(1, std::string(service));
  }
  CallOptions options;
  options.timeout = timeout;
  if (!call_untyped("grpc.health.v1.Health.Check", request, response, options).ok()) return false;
  const auto& fields = response.GetReflection()->GetUnknownFields(response);
  return fields.field_count() == 1 && fields.field(0).type() == google::protobuf::UnknownField::TYPE_VARINT &&
         fields.field(0).varint() == 1;
}

}  // namespace loomline::rpc
