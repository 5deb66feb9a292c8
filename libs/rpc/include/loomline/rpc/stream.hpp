// The server's side of a server stream. All of it is thread-safe.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <utility>

#include "loomline/base/status.hpp"

namespace loomline::rpc {

enum class Push {
  accepted,
  full,  // the client reads too slowly and the stream's buffer is full: drop, coalesce, or finish the stream
  gone,  // the client has left, or the stream is finished: stop
};

// One live stream, untyped.
class Stream {
 public:
  virtual ~Stream() = default;
  // Never blocks.
  virtual Push push(const google::protobuf::Message& message) = 0;
  // Waits for room in the buffer; false once the client is gone or the deadline has passed.
  virtual bool write(const google::protobuf::Message& message) = 0;
  // Sends what is buffered, then the status. Further calls do nothing.
  virtual void finish(const Status& status) = 0;
  virtual bool gone() const = 0;
  // Called once, on a handler thread, when the client leaves or the server shuts down (at once where it already has).
  virtual void on_gone(std::function<void()> callback) = 0;
};

// For handlers that answer from their own thread and return when done.
template <class Res>
class Writer {
 public:
  explicit Writer(Stream& stream) : stream_(stream) {}
  bool write(const Res& message) { return stream_.write(message); }
  bool gone() const { return stream_.gone(); }

 private:
  Stream& stream_;
};

// For watches: keep the handle, push to it from any thread, no thread waits meanwhile. Copies share the stream; when
// the last copy dies the stream finishes with ok.
template <class Res>
class StreamHandle {
 public:
  StreamHandle() = default;
  explicit StreamHandle(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
  Push push(const Res& message) const { return stream_->push(message); }
  void finish(const Status& status = {}) const { stream_->finish(status); }
  bool gone() const { return stream_->gone(); }
  void on_gone(std::function<void()> callback) const { stream_->on_gone(std::move(callback)); }
  explicit operator bool() const { return stream_ != nullptr; }

 private:
  std::shared_ptr<Stream> stream_;
};

}  // namespace loomline::rpc
