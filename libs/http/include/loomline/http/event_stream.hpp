// Server-sent events (WHATWG HTML, "Server-sent events").
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace loomline::http {

struct Event {
  std::string id;     // what the reader sends back as Last-Event-ID; empty: none
  std::string event;  // empty: "message"
  std::string data;   // may hold line breaks
};

class StreamState;

// The pushing end of one open stream. Copies share the stream. All functions may be called from any thread and never
// block: a reader that is slower than its bounded queue is cut off (it reconnects with Last-Event-ID). Dropping every
// copy does not close the stream; close() does, and so do the reader, a full queue and the server's shutdown.
class EventStream {
 public:
  EventStream() = default;
  explicit EventStream(std::shared_ptr<StreamState> state);

  // False where the stream is over: stop producing. Line breaks in id and event are removed.
  bool push(const Event& event);
  // What was pushed is still sent, then the connection ends.
  void close();
  bool closed() const;
  // Called once, from an io thread or, where the stream is over already, at once: it must not block. One callback a
  // stream; a second replaces the first.
  void on_close(std::function<void()> callback);

 private:
  std::shared_ptr<StreamState> state_;
};

}  // namespace loomline::http
