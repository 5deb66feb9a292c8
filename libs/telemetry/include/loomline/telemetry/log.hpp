// Structured logs: one line is one JSON object {time, level, service, message, trace_id, ...fields} (or one human
// line).
//
// The redaction guard is the type system: a message must be a string literal (consteval), and a field can only be made
// by the typed helpers below. There is no way to log a free text, so no customer's words can slip in. Everything here
// is thread-safe; logging never throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"

namespace loomline::telemetry {

enum class Level { trace, debug, info, warn, error, off };
enum class LogFormat { json, text };

// "debug" -> Level::debug; invalid_argument naming the legal words otherwise.
Result<Level> parse_level(std::string_view text);
Result<LogFormat> parse_log_format(std::string_view text);

struct LogOptions {
  std::string service = "loomline";
  Level level = Level::info;
  LogFormat format = LogFormat::json;
  std::string file{};  // empty: standard error

  // Defaults overridden by LOOMLINE_LOG_LEVEL, LOOMLINE_LOG_FORMAT and LOOMLINE_LOG_FILE; a bad value is ignored.
  static LogOptions from_environment(std::string service);
};

// Call once early in main; before it, lines of level info go to standard error as JSON. May be called again.
void configure_logging(const LogOptions& options);
void flush_logs();
bool log_enabled(Level level);

// The name of the service that the current thread works for, where one process hosts several; restored on destruction.
class ServiceScope {
 public:
  explicit ServiceScope(std::string_view service);  // `service` must outlive the scope
  ~ServiceScope();
  ServiceScope(const ServiceScope&) = delete;
  ServiceScope& operator=(const ServiceScope&) = delete;

 private:
  std::string_view before_;
};

// A literal known at compile time: log_info("order placed", ...) compiles, log_info(customer.name(), ...) does not.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}  // NOLINT: implicit by design
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class Field {
 public:
  std::string_view name() const { return name_; }
  // The value as JSON text (quoted and escaped where it is a string).
  const std::string& json() const { return json_; }

 private:
  friend struct FieldMaker;
  Field(std::string_view name, std::string json) : name_(name), json_(std::move(json)) {}
  std::string_view name_;
  std::string json_;
};

namespace field {
// An opaque identifier, enum name, topic, method, host:port or path of ours: 1 to 200 characters of [0-9A-Za-z_.:/@=+-]
// and no more; anything else is written as "[redacted]".
Field id(Literal name, std::string_view value);
Field number(Literal name, std::int64_t value);
Field number(Literal name, double value);
inline Field number(Literal name, int value) { return number(name, static_cast<std::int64_t>(value)); }
inline Field number(Literal name, unsigned value) { return number(name, static_cast<std::int64_t>(value)); }
inline Field number(Literal name, std::uint64_t value) { return number(name, static_cast<std::int64_t>(value)); }
inline Field number(Literal name, long long value) { return number(name, static_cast<std::int64_t>(value)); }
Field flag(Literal name, bool value);
Field time(Literal name, Time value);
// Milliseconds with a fraction; name it "..._ms".
Field millis(Literal name, std::chrono::nanoseconds value);
// A Status: its code, reason and message (which by contract hold no personal data).
Field status(const Status& status);
// What a library said (a driver's error, an exception): cut to 300 characters, e-mail addresses, long digit runs and
// the values that PostgreSQL quotes in "Key (x)=(y)" masked. For infrastructure errors only.
Field error(std::string_view text);
Field error(const std::exception& exception);
}  // namespace field

using Fields = std::initializer_list<Field>;

void log(Level level, Literal message, Fields fields = {});
inline void log_trace(Literal message, Fields fields = {}) { log(Level::trace, message, fields); }
inline void log_debug(Literal message, Fields fields = {}) { log(Level::debug, message, fields); }
inline void log_info(Literal message, Fields fields = {}) { log(Level::info, message, fields); }
inline void log_warn(Literal message, Fields fields = {}) { log(Level::warn, message, fields); }
inline void log_error(Literal message, Fields fields = {}) { log(Level::error, message, fields); }

}  // namespace loomline::telemetry
