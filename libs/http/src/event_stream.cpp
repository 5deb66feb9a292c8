#include "loomline/http/event_stream.hpp"

#include <algorithm>
#include <string_view>

#include "stream_state.hpp"

namespace loomline::http {
namespace {

std::string single_line(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return out;
}

}  // namespace

std::string format_event(const Event& event) {
  std::string out;
  if (!event.id.empty()) out += "id: " + single_line(event.id) + "\n";
  if (!event.event.empty()) out += "event: " + single_line(event.event) + "\n";
  // CR alone and CRLF end lines too, by the specification: each starts a new data line.
  std::string_view rest = event.data;
  for (;;) {
    const std::size_t end = rest.find_first_of("\r\n");
    out += "data: ";
    out += rest.substr(0, end);
    out += "\n";
    if (end == rest.npos) break;
    const bool pair = rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n';
    rest.remove_prefix(end + (pair ? 2 : 1));
  }
  return out + "\n";
}

bool StreamState::push(const Event& event) {
  std::string bytes = format_event(event);
  std::function<void()> wake;
  bool accepted = false;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return false;
    accepted = pending_events_ < max_events_ && pending_.size() + bytes.size() <= max_bytes_;
    if (accepted) {
      pending_ += bytes;
      ++pending_events_;
    } else {
      ended_ = overflow_ = true;
    }
    if (!wake_sent_ || !accepted) wake = wake_;
    wake_sent_ = true;
  }
  if (wake) wake();
  return accepted;
}

void StreamState::close() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
    wake = wake_;
  }
  if (wake) wake();
}

bool StreamState::closed() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void StreamState::on_close(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (!told_) {
      on_close_ = std::move(callback);
      return;
    }
  }
  callback();
}

void StreamState::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

StreamState::Batch StreamState::take() {
  const std::lock_guard lock(mutex_);
  Batch batch{std::move(pending_), ended_, overflow_};
  pending_.clear();
  pending_events_ = 0;
  wake_sent_ = false;
  return batch;
}

void StreamState::disconnect() {
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake_ = nullptr;
    if (told_) return;
    told_ = true;
    callback = std::move(on_close_);
    on_close_ = nullptr;
  }
  if (callback) callback();
}

EventStream::EventStream(std::shared_ptr<StreamState> state) : state_(std::move(state)) {}
bool EventStream::push(const Event& event) { return state_ && state_->push(event); }
void EventStream::close() {
  if (state_) state_->close();
}
bool EventStream::closed() const { return !state_ || state_->closed(); }
void EventStream::on_close(std::function<void()> callback) {
  if (state_) state_->on_close(std::move(callback));
}

}  // namespace loomline::http
