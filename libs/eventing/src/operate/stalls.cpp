#include "src/operate/stalls.hpp"

#include "src/hear/tail.hpp"

namespace loomline::eventing {

std::string describe(const std::vector<StalledLane>& lanes) {
  const auto& first = lanes.front();
  const auto waited = std::chrono::steady_clock::now() - first.since;
  auto text = "lane " + std::to_string(first.lane) + " (" + first.source + ") has committed nothing for " +
              std::to_string(std::chrono::duration_cast<std::chrono::seconds>(waited).count()) +
              " s while it has something to do";
  if (!first.message.empty()) text += ", " + first.message + " of " + first.key + " first";
  if (!first.reason.empty()) text += ": " + first.reason;
  if (lanes.size() > 1) text += " (and " + std::to_string(lanes.size() - 1) + " more)";
  return text;
}

void add_stalls(const std::vector<StalledLane>& lanes, const std::vector<SlowHandler>& slow,
                common::v1::GetActivityResponse& activity) {
  for (const auto& lane : lanes) {
    auto& out = *activity.add_stalled_lanes();
    out.set_lane(lane.lane);
    out.set_source(lane.source);
    to_proto(lane.began, *out.mutable_since());
    out.set_key(lane.key);
    out.set_message(lane.message);
    out.set_reason(lane.reason);
  }
  for (const auto& handler : slow) {
    auto& out = *activity.add_slow_keys();
    out.set_kind(handler.kind);
    out.set_key(handler.key);
    out.set_message(handler.message);
    to_proto(handler.began, *out.mutable_since());
  }
}

}  // namespace loomline::eventing
