// W3C Trace Context (https://www.w3.org/TR/trace-context/, version 00): the ids that tie a request's log lines, calls
// and events together. The current context is thread-local; carry it across threads and Kafka by value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loomline::telemetry {

struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  bool sampled = true;

  // All-zero ids are invalid and mean "no trace".
  bool valid() const;
  std::string trace_id_hex() const;
  std::string span_id_hex() const;
  // "00-<32 hex>-<16 hex>-01"; empty where the context is not valid.
  std::string traceparent() const;
  // The same trace with a new random span; a new root where this one is not valid.
  TraceContext child() const;

  static TraceContext root();  // random ids
  // Empty where the text is not a legal traceparent (a higher version is read by its first four fields, as W3C says).
  static std::optional<TraceContext> parse(std::string_view traceparent);

  bool operator==(const TraceContext&) const = default;
};

// The context of this thread; not valid() outside any TraceScope.
const TraceContext& current_trace();

// Makes `context` this thread's current one until destruction; nests.
class TraceScope {
 public:
  explicit TraceScope(const TraceContext& context);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  TraceContext before_;
};

}  // namespace loomline::telemetry
