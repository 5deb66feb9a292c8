// A live server stream: a bounded buffer between whoever pushes and gRPC, with at most one write outstanding.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "loomline/rpc/stream.hpp"
#include "server_impl.hpp"

namespace loomline::rpc {

class StreamCall final : public grpc::ServerGenericBidiReactor,
                         public Stream,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(Server::Impl& server, const Method& method, grpc::GenericCallbackServerContext* context);
  void begin();  // once, after the shared_ptr exists

  Push push(const google::protobuf::Message& message) override;
  bool write(const google::protobuf::Message& message) override;
  void finish(const Status& status) override;
  bool gone() const override;
  void on_gone(std::function<void()> callback) override;

  // The server shuts down: nobody may push any more, what is buffered still goes out.
  void close(const Status& status);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void run();
  std::shared_ptr<Stream> handle();
  // The next step of the write/finish machine, decided under the lock and done outside it.
  enum class Next { nothing, write, finish };
  Next next_locked();
  void perform(Next next);
  std::function<void()> leave_locked();
  void notify(std::function<void()> callback);
  void settle(const Status& status);  // record and remember the final status; under the lock

  Server::Impl& server_;
  const Method& method_;
  grpc::GenericCallbackServerContext* context_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  CallContext call_;
  Status refused_;
  grpc::ByteBuffer request_;
  std::shared_ptr<StreamCall> self_;  // until OnDone

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<grpc::ByteBuffer> buffer_;
  grpc::ByteBuffer current_;  // being written
  grpc::Status final_;
  std::function<void()> on_gone_;
  bool writing_ = false;    // a StartWrite is outstanding
  bool finishing_ = false;  // no more pushes; final_ is set
  bool finished_ = false;   // Finish was called
  bool gone_ = false;
};

}  // namespace loomline::rpc
