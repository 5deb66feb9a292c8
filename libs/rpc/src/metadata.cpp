#include "metadata.hpp"

#include <algorithm>
#include <tuple>

namespace loomline::rpc {
namespace {

constexpr std::size_t short_limit = 200;
constexpr std::size_t positions_limit = 4000;  // all metadata of a call must stay under gRPC's 8 KiB

std::string_view find(const grpc::CallbackServerContext& from, const char* name) {
  const auto& all = from.client_metadata();
  const auto found = all.find(name);
  return found == all.end() ? std::string_view{} : std::string_view(found->second.data(), found->second.size());
}

Deadline to_steady(std::chrono::system_clock::time_point deadline, Duration fallback) {
  const auto now = std::chrono::steady_clock::now();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return fallback > Duration::zero() ? now + fallback : Deadline::max();
  }
  return now + (deadline - std::chrono::system_clock::now());
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// May it travel?
Status check(const char* name, const std::string& value, std::size_t limit) {
  if (!printable(value))
    return invalid(name, "holds characters that are not printable ASCII", "use letters and digits");
  if (value.size() > limit) return invalid(name, "is too long", "use at most " + std::to_string(limit) + " characters");
  return {};
}

Status put(grpc::ClientContext& to, const char* name, const std::string& value, std::size_t limit) {
  if (value.empty()) return {};
  if (auto status = check(name, value, limit); !status.ok()) return status;
  to.AddMetadata(name, value);
  return {};
}

// What is not given keeps its default.
Status pass(const char* name, const std::string& value, std::size_t limit, std::string& out) {
  if (value.empty()) return {};
  if (auto status = check(name, value, limit); !status.ok()) return status;
  out = value;
  return {};
}

Status take(const grpc::CallbackServerContext& from, const char* name, std::size_t limit, std::string& out) {
  const auto value = find(from, name);
  if (value.size() > limit)
    return invalid(name, "is too long", "send at most " + std::to_string(limit) + " characters");
  if (!value.empty()) out = std::string(value);
  return {};
}

}  // namespace

Status read_context(const grpc::CallbackServerContext& from, Duration default_deadline, CallContext& context) {
  context.deadline = to_steady(from.deadline(), default_deadline);
  const auto trace = telemetry::TraceContext::parse(find(from, metadata::traceparent));
  context.trace = trace ? trace->child() : telemetry::TraceContext::root();
  for (const auto& [name, out] : {std::pair{metadata::caller, &context.caller.name},
                                  {metadata::tenant, &context.caller.tenant},
                                  {metadata::role, &context.caller.role},
                                  {metadata::subject, &context.caller.subject},
                                  {metadata::idempotency_key, &context.idempotency_key}}) {
    if (auto status = take(from, name, short_limit, *out); !status.ok()) return status;
  }
  return take(from, metadata::positions, positions_limit, context.positions);
}

Status write_context(const CallOptions& options, grpc::ClientContext& to) {
  const auto& outer = options.trace.valid() ? options.trace : telemetry::current_trace();
  to.AddMetadata(metadata::traceparent, outer.child().traceparent());
  for (const auto& [name, value] : {std::pair{metadata::caller, &options.caller.name},
                                    {metadata::tenant, &options.caller.tenant},
                                    {metadata::role, &options.caller.role},
                                    {metadata::subject, &options.caller.subject},
                                    {metadata::idempotency_key, &options.idempotency_key}}) {
    if (auto status = put(to, name, *value, short_limit); !status.ok()) return status;
  }
  return put(to, metadata::positions, options.positions, positions_limit);
}

Status pass_context(const CallOptions& options, CallContext& context) {
  context.trace = (options.trace.valid() ? options.trace : telemetry::current_trace()).child();
  const auto& from = options.caller;
  auto& to = context.caller;
  for (const auto& [name, value, out] :
       {std::tuple{metadata::caller, &from.name, &to.name}, std::tuple{metadata::tenant, &from.tenant, &to.tenant},
        std::tuple{metadata::role, &from.role, &to.role}, std::tuple{metadata::subject, &from.subject, &to.subject},
        std::tuple{metadata::idempotency_key, &options.idempotency_key, &context.idempotency_key}}) {
    if (auto status = pass(name, *value, short_limit, *out); !status.ok()) return status;
  }
  return pass(metadata::positions, options.positions, positions_limit, context.positions);
}

std::string path_of(std::string_view method) {
  std::string path;
  path.reserve(method.size() + 1);
  path.push_back('/');
  path.append(method);
  if (const auto dot = method.rfind('.'); dot != std::string_view::npos) path[dot + 1] = '/';
  return path;
}

std::string method_of(std::string_view path) {
  if (!path.empty()) path.remove_prefix(1);
  std::string method(path);
  std::replace(method.begin(), method.end(), '/', '.');
  return method;
}

}  // namespace loomline::rpc
