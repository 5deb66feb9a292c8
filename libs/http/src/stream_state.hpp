// What an EventStream and its connection share: the bounded queue of formatted events. Knows nothing of sockets.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

#include "loomline/http/event_stream.hpp"

namespace loomline::http {

// The bytes of one event on the wire.
std::string format_event(const Event& event);

class StreamState {
 public:
  StreamState(std::size_t max_events, std::size_t max_bytes) : max_events_(max_events), max_bytes_(max_bytes) {}

  bool push(const Event& event);
  void close();
  bool closed() const;
  void on_close(std::function<void()> callback);

  // For the connection. `wake` is called, outside the lock and from any thread, when there is something to do.
  void attach(std::function<void()> wake);
  struct Batch {
    std::string bytes;
    bool ended = false;     // nothing comes after `bytes`
    bool overflow = false;  // the reader was too slow: cut it off
  };
  Batch take();
  // The connection is over: pushes are refused, the owner hears it.
  void disconnect();

 private:
  const std::size_t max_events_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::string pending_;
  std::size_t pending_events_ = 0;
  bool ended_ = false;
  bool overflow_ = false;
  bool told_ = false;
  bool wake_sent_ = false;
  std::function<void()> wake_;
  std::function<void()> on_close_;
};

}  // namespace loomline::http
