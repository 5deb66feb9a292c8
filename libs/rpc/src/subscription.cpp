#include <mutex>
#include <utility>

#include "bytes.hpp"
#include "channel_impl.hpp"
#include "deadlines.hpp"
#include "error_mapping.hpp"
#include "metadata.hpp"

namespace loomline::rpc {

// A hold keeps gRPC from ending the call while no operation is outstanding (paused); it is given back exactly once:
// when a read fails, or when a paused stream is cancelled.
class Subscription::Impl final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                                 public std::enable_shared_from_this<Subscription::Impl> {
 public:
  Impl(const google::protobuf::Message& request, const google::protobuf::Message& prototype, StreamEvents events)
      : request_(to_bytes(request)), message_(prototype.New()), events_(std::move(events)) {}

  void begin(const std::shared_ptr<grpc::Channel>& channel, std::string_view method, const CallOptions& options) {
    if (options.timeout) context_.set_deadline(after<std::chrono::system_clock>(*options.timeout));
    context_.set_wait_for_ready(options.wait_for_ready);
    if (auto status = write_context(options, context_); !status.ok()) {
      ended_ = true;
      return events_.on_done(status);
    }
    self_ = shared_from_this();
    grpc::GenericStub(channel).PrepareBidiStreamingCall(&context_, path_of(method), {}, this);
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&incoming_);
    StartCall();
  }

  void resume() {
    {
      const std::lock_guard lock(mutex_);
      if (!paused_) {
        resumed_ = true;  // on_message has not returned yet: it asked, somebody answered already
        return;
      }
      paused_ = false;
    }
    StartRead(&incoming_);
  }

  void cancel() {
    bool release = false;
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      context_.TryCancel();
      cancelled_ = true;
      release = std::exchange(paused_, false);
      if (release) ended_ = true;
    }
    if (release) RemoveHold();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return end();
    if (!from_bytes(incoming_, *message_)) {
      unreadable_ = true;
      context_.TryCancel();
      return end();
    }
    if (events_.on_message(*message_) || !pause()) StartRead(&incoming_);
  }

  void OnDone(const grpc::Status& status) override {
    const auto self = std::move(self_);
    events_.on_done(unreadable_ ? internal("A message of the stream does not parse.") : from_grpc(status));
    events_ = {};
  }

 private:
  // False where resume() or cancel() came before the pause: nobody would end it. The read that follows a cancel fails.
  bool pause() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(resumed_, false) || cancelled_) return false;
    paused_ = true;
    return true;
  }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    RemoveHold();
  }

  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer incoming_;
  std::unique_ptr<google::protobuf::Message> message_;
  StreamEvents events_;
  std::shared_ptr<Impl> self_;  // until OnDone
  bool unreadable_ = false;
  std::mutex mutex_;
  bool paused_ = false;
  bool resumed_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
};

void Subscription::resume() {
  if (impl_ != nullptr) impl_->resume();
}

void Subscription::cancel() {
  if (impl_ != nullptr) impl_->cancel();
}

std::shared_ptr<Subscription::Impl> subscribe(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                                              const google::protobuf::Message& request,
                                              const google::protobuf::Message& prototype, const CallOptions& options,
                                              StreamEvents events) {
  auto impl = std::make_shared<Subscription::Impl>(request, prototype, std::move(events));
  impl->begin(channel, method, options);
  return impl;
}

}  // namespace loomline::rpc
