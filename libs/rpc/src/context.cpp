#include "loomline/rpc/context.hpp"

#include <algorithm>

#include "loomline/rpc/channel.hpp"

namespace loomline::rpc {

Duration CallContext::remaining() const {
  if (deadline == Deadline::max()) return Duration::max();
  return std::max(Duration::zero(), std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now()));
}

CallOptions CallOptions::from(const CallContext& call) {
  CallOptions options;
  if (call.deadline != Deadline::max()) options.timeout = call.remaining();
  options.caller = call.caller;
  options.positions = call.positions;
  options.trace = call.trace;
  return options;
}

}  // namespace loomline::rpc
