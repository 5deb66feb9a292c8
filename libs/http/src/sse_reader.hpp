// The reading side of server-sent events: bytes in, events out (WHATWG HTML, 9.2.6).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"
#include "loomline/http/event_stream.hpp"

namespace loomline::http {

class SseReader {
 public:
  // False where the callback asked to stop. An event of more than 4 MiB is an error.
  Result<bool> feed(std::string_view bytes, const std::function<bool(const Event&)>& callback);
  const std::string& last_id() const { return last_id_; }
  int retry_ms() const { return retry_ms_; }
  bool saw_event() const { return saw_event_; }
  // A new connection starts on a fresh line, with the last id kept.
  void restart();

 private:
  bool line(std::string_view text, const std::function<bool(const Event&)>& callback);

  std::string partial_;
  Event event_;
  bool has_data_ = false;
  bool saw_event_ = false;
  bool after_cr_ = false;
  std::string last_id_;
  int retry_ms_ = 2000;
};

}  // namespace loomline::http
