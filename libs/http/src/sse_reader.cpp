#include "sse_reader.hpp"

#include <charconv>

namespace loomline::http {

Result<bool> SseReader::feed(std::string_view bytes, const std::function<bool(const Event&)>& callback) {
  static constexpr std::size_t kLargest = 4 << 20;
  for (const char c : bytes) {
    const bool second_of_pair = after_cr_ && c == '\n';
    after_cr_ = c == '\r';
    if (second_of_pair) continue;
    if (c != '\n' && c != '\r') {
      partial_.push_back(c);
      if (partial_.size() + event_.data.size() > kLargest)
        return Status(Code::out_of_range, "EVENT_TOO_LARGE", "The server sent an event of more than 4 MiB.");
      continue;
    }
    const bool go_on = line(partial_, callback);
    partial_.clear();
    if (!go_on) return false;
  }
  return true;
}

void SseReader::restart() {
  partial_.clear();
  event_ = {};
  has_data_ = saw_event_ = after_cr_ = false;
}

bool SseReader::line(std::string_view text, const std::function<bool(const Event&)>& callback) {
  if (text.empty()) {
    const Event event = std::move(event_);
    event_ = {};
    if (!has_data_) return true;
    has_data_ = false;
    saw_event_ = true;
    Event complete = event;
    complete.id = last_id_;
    return callback(complete);
  }
  const std::size_t colon = text.find(':');
  if (colon == 0) return true;  // a comment: the heartbeat
  const std::string_view field = text.substr(0, colon);
  std::string_view value = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += "\n";
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.event = value;
  } else if (field == "id") {
    if (value.find('\0') == value.npos) last_id_ = value;
  } else if (field == "retry") {
    int ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error == std::errc() && end == value.data() + value.size() && ms >= 0 && ms <= 600'000) retry_ms_ = ms;
  }
  return true;
}

}  // namespace loomline::http
