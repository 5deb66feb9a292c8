#include "api/wait_quiet.hpp"

#include <loomline/scheduling/v1/scheduling.pb.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "api/quiet.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::edge {
namespace {

// A string of RFC 8941 has printable ASCII only.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return out + '"';
}

bool may_ask(Role role) {
  static const auto roles = [] {
    Roles found;
    for (const auto& route : api_routes())
      if (route.method->full_name() == "loomline.common.v1.EdgeService.GetQuiet")
        for (const int one : route.http.roles()) found.insert(static_cast<Role>(one));
    return found;
  }();
  return roles.contains(role);
}

}  // namespace

Result<std::optional<std::chrono::milliseconds>> wanted_quiet(const ApiRoute& route, const Principal& principal,
                                                              const http::Request& request) {
  const auto text = request.headers.get(kWaitQuiet);
  if (!text) return std::optional<std::chrono::milliseconds>();
  if (route.http.verb() == "GET")
    return invalid(kWaitQuiet, "stands on a call that changes nothing", "leave it out, or ask GET /v1/system/quiet");
  if (!may_ask(principal.role))
    return Status(Code::permission_denied, "ROLE_NOT_ALLOWED",
                  "The role " + std::string(role_name(principal.role)) + " may not wait for quiet.")
        .with({kWaitQuiet, "is for the roles that may ask GET /v1/system/quiet", "leave it out"});
  std::uint32_t milliseconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), milliseconds);
  const std::chrono::milliseconds wait(milliseconds);
  if (error != std::errc() || end != text->data() + text->size() || milliseconds == 0 || wait > kLongestQuiet)
    return invalid(kWaitQuiet, "is not a number of milliseconds from 1 to 30000", "send 5000, for example");
  return std::optional(wait);
}

std::string quiet_after(rpc::Directory& peers, const google::protobuf::Message& request, std::chrono::milliseconds wait,
                        const rpc::CallOptions& options) {
  auto seen = Time::min();
  if (request.GetDescriptor() == scheduling::v1::AdvanceClockRequest::descriptor())
    seen = wire::to_time(dynamic_cast<const scheduling::v1::AdvanceClockRequest&>(request).to());
  common::v1::GetQuietResponse answer;
  rpc::CallOptions asking;
  asking.caller = options.caller;
  asking.trace = options.trace;
  if (const auto status = find_quiet(peers, wait, seen, answer, asking); !status.ok()) {
    answer.Clear();
    answer.set_why_not(status.message());
  }
  return quiet_header(answer);
}

std::string quiet_header(const common::v1::GetQuietResponse& answer) {
  if (!answer.quiet()) return "quiet=?0, why_not=" + quoted(answer.why_not());
  std::map<std::string_view, std::int64_t> steps;
  std::int64_t waiting = 0, letters = 0;
  auto next = Time::max();
  for (const auto& service : answer.services()) {
    steps[service.service()] += service.steps_applied();
    waiting += service.events_waiting();
    letters += service.dead_letters();
    if (service.has_next_timer_at()) next = std::min(next, wire::to_time(service.next_timer_at()));
  }
  std::string out = "quiet, business_time=\"" + format_rfc3339(wire::to_time(answer.business_time())) + '"';
  if (next != Time::max()) out += ", next_timer_at=\"" + format_rfc3339(next) + '"';
  out += ", events_waiting=" + std::to_string(waiting) + ", dead_letters=" + std::to_string(letters);
  for (const auto& [service, count] : steps) out += ", steps." + std::string(service) + "=" + std::to_string(count);
  return out;
}

}  // namespace loomline::edge
