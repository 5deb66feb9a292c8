// "Loomline-Wait-Quiet: 5000" on a call that changes something: it is answered once all that follows from it is done,
// at most so many milliseconds later, and the answer's "Loomline-Quiet" says how it stands. Saves a simulator or a test
// the GetQuiet after each of its calls.
#pragma once

#include <google/protobuf/message.h>
#include <loomline/common/v1/edge.pb.h>

#include <chrono>
#include <optional>
#include <string>

#include "api/call.hpp"
#include "api/contracts.hpp"
#include "loomline/rpc/directory.hpp"

namespace loomline::edge {

inline constexpr const char* kWaitQuiet = "Loomline-Wait-Quiet";
inline constexpr const char* kQuiet = "Loomline-Quiet";

// What the request asks for. invalid_argument where it is not 1 to 30000 or the method changes nothing;
// permission_denied for roles that may not ask GetQuiet either.
Result<std::optional<std::chrono::milliseconds>> wanted_quiet(const ApiRoute& route, const Principal& principal,
                                                              const http::Request& request);

// Waits, and says what it saw: a dictionary of RFC 8941. `request` is what was done: a move of the clock is over where
// every service has seen the new time.
std::string quiet_after(rpc::Directory& peers, const google::protobuf::Message& request, std::chrono::milliseconds wait,
                        const rpc::CallOptions& options);

// Pure: quiet, business_time="2026-01-05T08:00:00Z", next_timer_at="...", events_waiting=0, dead_letters=0,
// steps.scheduling=12, ... Not quiet: quiet=?0, why_not="...".
std::string quiet_header(const common::v1::GetQuietResponse& answer);

}  // namespace loomline::edge
