#include "stream_call.hpp"

#include <utility>

#include "bytes.hpp"
#include "error_mapping.hpp"
#include "loomline/telemetry/log.hpp"
#include "metadata.hpp"

namespace loomline::rpc {
namespace {

Status client_left() { return {Code::cancelled, "CANCELLED", "The caller has gone away."}; }

}  // namespace

StreamCall::StreamCall(Server::Impl& server, const Method& method, grpc::GenericCallbackServerContext* context)
    : server_(server), method_(method), context_(context) {
  call_.method = method.name;
  refused_ = read_context(*context, Duration::zero(), call_);
}

void StreamCall::begin() {
  self_ = shared_from_this();
  if (!server_.enter(this)) return finish(shutting_down());
  StartRead(&request_);
}

void StreamCall::OnReadDone(bool ok) {
  if (!ok) return finish(invalid("", "the call carries no message", "send exactly one request message"));
  if (!refused_.ok()) return finish(refused_);
  if (!method_.pool->submit([self = shared_from_this()] { self->run(); })) {
    finish(Status(Code::resource_exhausted, "SERVER_BUSY", "Too many calls are waiting; try again in a moment."));
  }
}

void StreamCall::run() {
  const telemetry::TraceScope trace(call_.trace);
  if (gone()) return;
  const std::unique_ptr<google::protobuf::Message> request(method_.request->New());
  if (!from_bytes(request_, *request)) {
    return finish(invalid("", "the bytes are not a " + std::string(request->GetDescriptor()->full_name()),
                          "serialize the request with the published contract"));
  }
  // The handle finishes the stream with ok when its last copy dies; an error must be said before that.
  auto stream = handle();
  const Status status = guarded(server_, call_, [&] { return method_.stream(call_, *request, stream); });
  if (!status.ok()) finish(status);
}

std::shared_ptr<Stream> StreamCall::handle() {
  return {static_cast<Stream*>(this), [self = shared_from_this()](Stream*) { self->finish({}); }};
}

Push StreamCall::push(const google::protobuf::Message& message) {
  auto bytes = to_bytes(message);
  std::unique_lock lock(mutex_);
  if (gone_ || finishing_) return Push::gone;
  if (buffer_.size() >= server_.options.stream_buffer) return Push::full;
  buffer_.push_back(std::move(bytes));
  const Next next = next_locked();
  lock.unlock();
  perform(next);
  return Push::accepted;
}

bool StreamCall::write(const google::protobuf::Message& message) {
  while (true) {
    const Push pushed = push(message);
    if (pushed != Push::full) return pushed == Push::accepted;
    std::unique_lock lock(mutex_);
    const auto roomy = [this] { return gone_ || finishing_ || buffer_.size() < server_.options.stream_buffer; };
    if (call_.deadline == Deadline::max()) {
      room_.wait(lock, roomy);
    } else if (!room_.wait_until(lock, call_.deadline, roomy)) {
      return false;
    }
  }
}

void StreamCall::settle(const Status& status) {
  finishing_ = true;
  final_ = to_grpc(status, call_.trace.trace_id_hex());
  method_.metrics->record(status.code(), begun_);
}

void StreamCall::finish(const Status& status) {
  std::unique_lock lock(mutex_);
  if (finishing_) return;
  settle(status);
  const Next next = next_locked();
  lock.unlock();
  room_.notify_all();
  perform(next);
}

void StreamCall::close(const Status& status) {
  std::unique_lock lock(mutex_);
  if (finishing_) return;
  settle(status);
  auto callback = leave_locked();
  const Next next = next_locked();
  lock.unlock();
  room_.notify_all();
  notify(std::move(callback));
  perform(next);
}

bool StreamCall::gone() const {
  const std::lock_guard lock(mutex_);
  return gone_ || finishing_;
}

void StreamCall::on_gone(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (!gone_) {
      on_gone_ = std::move(callback);
      return;
    }
  }
  notify(std::move(callback));
}

StreamCall::Next StreamCall::next_locked() {
  if (writing_ || finished_) return Next::nothing;
  if (!buffer_.empty()) {
    current_ = std::move(buffer_.front());
    buffer_.pop_front();
    writing_ = true;
    return Next::write;
  }
  if (!finishing_) return Next::nothing;
  finished_ = true;
  return Next::finish;
}

// Safe outside the lock: until the write that `writing_` announces is done nobody else writes or finishes, and OnDone
// cannot come before Finish.
void StreamCall::perform(Next next) {
  if (next == Next::write) StartWrite(&current_);
  if (next == Next::finish) {
    const auto positions = call_.state->positions();
    if (!positions.empty()) context_->AddTrailingMetadata(metadata::positions, positions);
    Finish(final_);
  }
}

void StreamCall::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  writing_ = false;
  std::function<void()> callback;
  if (!ok) {
    buffer_.clear();
    if (!finishing_) settle(client_left());
    callback = leave_locked();
  }
  const Next next = next_locked();
  lock.unlock();
  room_.notify_all();
  notify(std::move(callback));
  perform(next);
}

void StreamCall::OnCancel() {
  call_.state->cancel();
  std::unique_lock lock(mutex_);
  buffer_.clear();
  if (!finishing_) settle(client_left());
  auto callback = leave_locked();
  const Next next = next_locked();
  lock.unlock();
  room_.notify_all();
  notify(std::move(callback));
  perform(next);
}

void StreamCall::OnDone() {
  server_.leave(this);
  std::function<void()> unused;
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    unused = std::exchange(on_gone_, nullptr);
  }
  const auto last = std::move(self_);
}

std::function<void()> StreamCall::leave_locked() {
  gone_ = true;
  return std::exchange(on_gone_, nullptr);
}

void StreamCall::notify(std::function<void()> callback) {
  if (callback) server_.notifiers->submit(std::move(callback));
}

grpc::ServerGenericBidiReactor* begin_stream(Server::Impl& server, const Method& method,
                                             grpc::GenericCallbackServerContext* context) {
  const auto call = std::make_shared<StreamCall>(server, method, context);
  call->begin();
  return call.get();
}

}  // namespace loomline::rpc
