#include "loomline/telemetry/trace.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "loomline/base/hash.hpp"
#include "loomline/base/random.hpp"

namespace loomline::telemetry {
namespace {

thread_local TraceContext current;

template <std::size_t N>
bool any_set(const std::array<std::uint8_t, N>& bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; });
}

// Only lower-case hex is legal in a traceparent.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

}  // namespace

bool TraceContext::valid() const { return any_set(trace_id) && any_set(span_id); }
std::string TraceContext::trace_id_hex() const { return to_hex(trace_id); }
std::string TraceContext::span_id_hex() const { return to_hex(span_id); }

std::string TraceContext::traceparent() const {
  if (!valid()) return {};
  return "00-" + trace_id_hex() + "-" + span_id_hex() + (sampled ? "-01" : "-00");
}

TraceContext TraceContext::child() const {
  if (!valid()) return root();
  TraceContext context = *this;
  fill_random(context.span_id);
  return context;
}

TraceContext TraceContext::root() {
  TraceContext context;
  fill_random(context.trace_id);
  fill_random(context.span_id);
  return context;
}

std::optional<TraceContext> TraceContext::parse(std::string_view text) {
  constexpr std::size_t length = 55;  // 2 + 1 + 32 + 1 + 16 + 1 + 2
  if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext context;
  if (!read_hex(text.substr(0, 2), version) || !read_hex(text.substr(3, 32), context.trace_id) ||
      !read_hex(text.substr(36, 16), context.span_id) || !read_hex(text.substr(53, 2), flags)) {
    return std::nullopt;
  }
  const bool longer = text.size() > length;
  if (version[0] == 0xff || (version[0] == 0 && longer) || (longer && text[length] != '-')) return std::nullopt;
  if (!context.valid()) return std::nullopt;
  context.sampled = (flags[0] & 1U) != 0;
  return context;
}

const TraceContext& current_trace() { return current; }

TraceScope::TraceScope(const TraceContext& context) : before_(current) { current = context; }
TraceScope::~TraceScope() { current = before_; }

}  // namespace loomline::telemetry
