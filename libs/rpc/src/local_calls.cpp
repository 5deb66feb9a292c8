#include "local_calls.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/stubs/common.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "channel_impl.hpp"
#include "deadlines.hpp"
#include "error_mapping.hpp"
#include "loomline/telemetry/log.hpp"
#include "metadata.hpp"

namespace loomline::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using std::chrono::steady_clock;

Status too_large(std::size_t bytes, std::size_t limit) {
  return {Code::resource_exhausted, "MESSAGE_TOO_LARGE",
          "The message has " + std::to_string(bytes) + " bytes; the limit is " + std::to_string(limit) + "."};
}

bool is_text(const std::string& bytes) { return google::protobuf::internal::IsStructurallyValidUTF8(bytes); }

bool valid_field(const Message& message, const FieldDescriptor& field);

// Text that is not UTF-8 does not parse on the other side of a socket, so a handler never sees it here either.
bool valid_text(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (!valid_field(message, *field)) return false;
  }
  return true;
}

bool valid_field(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const bool text = field.type() == FieldDescriptor::TYPE_STRING;
  if (!text && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  std::string scratch;
  if (!field.is_repeated()) {
    return text ? is_text(reflection.GetStringReference(message, &field, &scratch))
                : valid_text(reflection.GetMessage(message, &field));
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (!(text ? is_text(reflection.GetRepeatedStringReference(message, &field, i, &scratch))
               : valid_text(reflection.GetRepeatedMessage(message, &field, i))))
      return false;
  }
  return true;
}

// The very class, not only the same contract: handlers cast.
bool same_class(const Message& a, const Message& b) { return a.GetReflection() == b.GetReflection(); }

// What goes over a socket is what fits into a trailer; it is the same here.
Status as_over_a_socket(const Status& status, const CallContext& context) {
  return from_grpc(to_grpc(status, context.trace.trace_id_hex()));
}

// The handler, as the caller over a socket would hear of it; counted.
Status handle(const Server::Impl& server, const Method& method, const CallContext& context, const Message& request,
              Message& response, steady_clock::time_point begun) {
  const telemetry::TraceScope trace(context.trace);
  Status status = still_wanted(context);
  if (status.ok()) status = guarded(server, context, [&] { return method.unary(context, request, response); });
  method.metrics->record(status.code(), begun);
  return status.ok() ? status : as_over_a_socket(status, context);
}

// The answer takes the place of what stood in the caller's message.
Status deliver(Message& answer, Message& response) {
  if (const auto bytes = answer.ByteSizeLong(); bytes > most_answer_bytes) return too_large(bytes, most_answer_bytes);
  response.GetReflection()->Swap(&response, &answer);
  return {};
}

}  // namespace

// One attempt. The caller waits for it no longer than its deadline, the handler may take longer: each holds the call.
class LocalCall {
 public:
  LocalCall(const Method& method, const Message& request, const CallContext& context)
      : method_(method), context_(context), request_(request.New()), response_(method.response->New()) {
    context_.method = method.name;
    context_.state = std::make_shared<CallState>();
    request_->CopyFrom(request);
  }

  // On a thread of the method's pool. The answer, which settle() hands to the caller.
  Status run(const Server::Impl& server) { return handle(server, method_, context_, *request_, *response_, begun_); }
  void refuse(const Status& status) { settle(as_refused(status)); }
  void refuse_and_count(const Status& status) {
    method_.metrics->record(status.code(), begun_);
    refuse(status);
  }
  void cancel(const Status& status) {
    context_.state->cancel();
    settle(status);
  }

  void settle(Status status) {
    {
      const std::lock_guard lock(mutex_);
      if (settled_) return;
      settled_ = true;
      status_ = std::move(status);
    }
    done_.notify_one();
  }

  Status wait(Message& response, Reply* reply) {
    std::unique_lock lock(mutex_);
    if (!done_.wait_until(lock, context_.deadline, [this] { return settled_; })) {
      settled_ = true;
      context_.state->cancel();
      return {Code::deadline_exceeded, "DEADLINE_EXCEEDED", "Deadline Exceeded"};
    }
    if (reply != nullptr) *reply = {context_.state->positions()};
    return status_.ok() ? deliver(*response_, response) : status_;
  }

 private:
  Status as_refused(const Status& status) const { return as_over_a_socket(status, context_); }

  const Method& method_;
  const steady_clock::time_point begun_ = steady_clock::now();
  CallContext context_;
  const std::unique_ptr<Message> request_;
  const std::unique_ptr<Message> response_;  // the handler's until settled
  std::mutex mutex_;
  std::condition_variable done_;
  bool settled_ = false;
  Status status_;
};

// While one exists and is welcome, the server lives.
class LocalCalls::Visit {
 public:
  explicit Visit(LocalCalls& calls) : calls_(calls) {
    const std::lock_guard lock(calls_.mutex_);
    welcome_ = !calls_.closed_;
    if (welcome_) ++calls_.callers_;
  }
  ~Visit() {
    if (!welcome_) return;
    const std::lock_guard lock(calls_.mutex_);
    --calls_.callers_;
    if (calls_.closed_) calls_.left_.notify_all();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  bool welcome() const { return welcome_; }

 private:
  LocalCalls& calls_;
  bool welcome_ = false;
};

std::optional<Status> LocalCalls::call(std::string_view method, const Message& request, Message& response,
                                       const CallOptions& options, Reply* reply) {
  CallContext context;
  if (auto status = pass_context(options, context); !status.ok()) return status;
  context.deadline = after<steady_clock>(options.timeout.value_or(default_timeout));
  Backoff backoff;
  while (true) {
    auto status = attempt(method, request, response, context, options.timeout.has_value(), reply);
    if (!status || !Backoff::worth_it(options, status->code())) return status;
    if (steady_clock::now() + backoff.shortest() >= context.deadline) return status;
    std::this_thread::sleep_for(backoff.take());
  }
}

std::optional<Status> LocalCalls::attempt(std::string_view name, const Message& request, Message& response,
                                          const CallContext& context, bool may_leave, Reply* reply) {
  const Visit visit(*this);
  if (!visit.welcome()) return shutting_down();
  const auto found = server_.methods.find(name);
  if (found == server_.methods.end() || !found->second.unary) return std::nullopt;
  const Method& method = found->second;
  if (!same_class(request, *method.request) || !same_class(response, *method.response)) return std::nullopt;
  if (const auto bytes = request.ByteSizeLong(); bytes > server_.options.max_message_bytes)
    return too_large(bytes, server_.options.max_message_bytes);
  if (!valid_text(request)) return std::nullopt;  // gRPC knows what to say
  if (!may_leave)
    if (const auto turn = method.pool->take_turn()) return serve_here(method, request, response, context, reply);
  const auto call = std::make_shared<LocalCall>(method, request, context);
  hand_over(call, *method.pool);
  return call->wait(response, reply);
}

Status LocalCalls::serve_here(const Method& method, const Message& request, Message& response,
                              const CallContext& given, Reply* reply) {
  const auto begun = steady_clock::now();
  CallContext context = given;
  context.method = method.name;
  context.state = std::make_shared<CallState>();
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return shutting_down();
    served_here_.insert(context.state);
  }
  const std::unique_ptr<Message> answer(method.response->New());
  Status status;
  {
    const telemetry::ServiceScope scope(method.folder);
    status = handle(server_, method, context, request, *answer, begun);
  }
  {
    const std::lock_guard lock(mutex_);
    served_here_.erase(context.state);
  }
  if (context.state->cancelled()) status = as_over_a_socket(shutting_down(), context);
  if (reply != nullptr) *reply = {context.state->positions()};
  return status.ok() ? deliver(*answer, response) : status;
}

void LocalCalls::hand_over(const std::shared_ptr<LocalCall>& call, WorkerPool& pool) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return call->refuse(shutting_down());
    live_.insert(call);
  }
  const bool taken = pool.submit([this, call] {
    auto status = call->run(server_);
    leave(call);  // before the caller wakes, who would meet us at the lock
    call->settle(std::move(status));
  });
  if (taken) return;
  call->refuse_and_count(server_busy());
  leave(call);
}

void LocalCalls::leave(const std::shared_ptr<LocalCall>& call) {
  const std::lock_guard lock(mutex_);
  live_.erase(call);
  if (closed_) left_.notify_all();
}

void LocalCalls::close(Deadline deadline) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  const auto nobody = [this] { return live_.empty() && callers_ == 0; };
  if (left_.wait_until(lock, deadline, nobody)) return;
  const auto late = live_;
  const auto here = served_here_;
  lock.unlock();
  for (const auto& call : late) call->cancel(shutting_down());
  for (const auto& state : here) state->cancel();
  lock.lock();
  left_.wait(lock, nobody);
}

}  // namespace loomline::rpc
