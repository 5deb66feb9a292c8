#include "loomline/telemetry/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <shared_mutex>

#include "json_text.hpp"
#include "loomline/telemetry/trace.hpp"

namespace loomline::telemetry {
namespace {

constexpr std::array<std::string_view, 6> level_names{"trace", "debug", "info", "warn", "error", "off"};
thread_local std::string_view thread_service;

spdlog::level::level_enum to_spdlog(Level level) {
  constexpr std::array<spdlog::level::level_enum, 6> levels{spdlog::level::trace, spdlog::level::debug,
                                                            spdlog::level::info,  spdlog::level::warn,
                                                            spdlog::level::err,   spdlog::level::off};
  return levels[static_cast<std::size_t>(level)];
}

// The line is made here as a whole; spdlog carries it: levels, the thread-safe sink, flushing.
std::shared_ptr<spdlog::logger> make_logger(const LogOptions& options) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (options.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
  }
  auto logger = std::make_shared<spdlog::logger>(options.service, std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(to_spdlog(options.level));
  logger->flush_on(spdlog::level::info);
  return logger;
}

struct State {
  std::shared_mutex mutex;
  LogOptions options;
  std::shared_ptr<spdlog::logger> logger = make_logger({});
};

// Never destroyed: threads may log while statics die.
State& state() {
  static auto* instance = new State();
  return *instance;
}

std::string json_line(Level level, std::string_view service, std::string_view message, Fields fields) {
  std::string line = "{\"time\":" + json_string(format_rfc3339(wall_now())) + ",\"level\":\"" +
                     std::string(level_names[static_cast<std::size_t>(level)]) +
                     "\",\"service\":" + json_string(service) + ",\"message\":" + json_string(message);
  if (current_trace().valid()) {
    line +=
        ",\"trace_id\":\"" + current_trace().trace_id_hex() + "\",\"span_id\":\"" + current_trace().span_id_hex() + '"';
  }
  for (const auto& field : fields) line += "," + json_string(field.name()) + ":" + field.json();
  return line + "}";
}

std::string text_line(Level level, std::string_view service, std::string_view message, Fields fields) {
  std::string name(level_names[static_cast<std::size_t>(level)]);
  name.resize(5, ' ');
  std::string line =
      format_rfc3339(wall_now()) + " " + name + " [" + std::string(service) + "] " + std::string(message);
  for (const auto& field : fields) line += "  " + std::string(field.name()) + "=" + field.json();
  if (current_trace().valid()) line += "  trace=" + current_trace().trace_id_hex();
  return line;
}

std::string words(const auto& names) {
  std::string all;
  for (const auto name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

}  // namespace

Result<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == text) return static_cast<Level>(i);
  }
  return invalid("log_level", "is not a level", "use one of " + words(level_names));
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "json") return LogFormat::json;
  if (text == "text") return LogFormat::text;
  return invalid("log_format", "is not a format", "use json or text");
}

LogOptions LogOptions::from_environment(std::string service) {
  LogOptions options;
  options.service = std::move(service);
  if (const char* level = std::getenv("LOOMLINE_LOG_LEVEL")) {
    if (auto parsed = parse_level(level); parsed.ok()) options.level = *parsed;
  }
  if (const char* format = std::getenv("LOOMLINE_LOG_FORMAT")) {
    if (auto parsed = parse_log_format(format); parsed.ok()) options.format = *parsed;
  }
  if (const char* file = std::getenv("LOOMLINE_LOG_FILE")) options.file = file;
  return options;
}

void configure_logging(const LogOptions& options) {
  auto logger = make_logger(options);
  const std::unique_lock lock(state().mutex);
  state().options = options;
  state().logger = std::move(logger);
}

void flush_logs() {
  const std::shared_lock lock(state().mutex);
  state().logger->flush();
}

bool log_enabled(Level level) {
  const std::shared_lock lock(state().mutex);
  return level != Level::off && state().logger->should_log(to_spdlog(level));
}

ServiceScope::ServiceScope(std::string_view service) : before_(thread_service) { thread_service = service; }
ServiceScope::~ServiceScope() { thread_service = before_; }

void log(Level level, Literal message, Fields fields) {
  try {
    const std::shared_lock lock(state().mutex);
    if (level == Level::off || !state().logger->should_log(to_spdlog(level))) return;
    const std::string_view service = thread_service.empty() ? state().options.service : thread_service;
    const auto line = state().options.format == LogFormat::json ? json_line(level, service, message.text(), fields)
                                                                : text_line(level, service, message.text(), fields);
    state().logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  } catch (...) {  // NOLINT: a log line is never worth an error
  }
}

}  // namespace loomline::telemetry
