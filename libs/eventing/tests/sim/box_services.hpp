// Three services that are small enough to see through, and whose states tell all that was ever applied to them:
// alpha fills boxes by command and says so; beta hears that, and says what it counted; gamma unlocks boxes, and keeps
// chests of parts. What is asked for stands in a fill's tag: "lock", "poison", "alarm", "heavy".
#pragma once

#include <numeric>
#include <string>

#include "loomline/eventing/service.hpp"
#include "tests/boxes.hpp"

namespace loomline::eventing::sim {

using namespace loomline::kerneltest::v1;  // NOLINT: test vocabulary

inline bool asks_for(const std::string& tag, std::string_view what) { return tag.find(what) != std::string::npos; }

// Each fill is one tag of the box, in the order of commitment.
inline Service make_alpha() {
  Service service("alpha");
  service.aggregate<BoxState>("box", "box")
      .command<FillRequest, FillResponse>(
          "Fill", [](const FillRequest& request, const Cause&) -> Result<std::string> { return request.box_id(); },
          [](BoxState& state, const FillRequest& request, Step& step) -> Result<FillResponse> {
            state.set_total(state.total() + request.amount());
            state.add_tags(request.tag());
            if (request.amount() < 0) return invalid("amount", "is negative", "give zero or more");
            if (!state.open()) {
              state.set_open(true);
              step.publish(boxes::make<BoxOpened>(request.box_id(), 0, ""));
            }
            auto filled = boxes::make<BoxFilled>(request.box_id(), request.amount(), request.tag());
            if (asks_for(request.tag(), "heavy")) filled.set_ballast(std::string(800'000, 'x'));
            step.publish(filled);
            step.index("tag", request.tag());
            if (asks_for(request.tag(), "alarm")) {
              Alarm alarm;
              alarm.set_text("ring of " + request.tag());
              step.timer("alarm/" + request.tag(), step.now() + std::chrono::minutes(5), alarm);
            }
            FillResponse response;
            response.set_total(state.total());
            return response;
          })
      .timer<Alarm>("alarm", [](BoxState& state, const Alarm& alarm, Step& step) {
        state.set_rings(state.rings() + 1);
        state.add_tags(alarm.text());
        step.publish(boxes::make<BoxFilled>(step.key(), 0, alarm.text()));
        return Verdict::applied();
      });
  service.aggregate<BoxState>("receipt", "box").on<BoxCounted>([](BoxState& state, const BoxCounted& event, Step&) {
    state.add_tags(event.tag());
    state.set_total(event.total());
    return Verdict::applied();
  });
  return service;
}

// "lock" waits for gamma, "label" for a label, "poison" fails; all is counted in the order in which alpha said it.
inline Service make_beta() {
  Service service("beta");
  service.aggregate<BoxState>("shadow", "box")
      .on<BoxOpened>([](BoxState& state, const BoxOpened&, Step&) {
        state.set_open(true);
        return Verdict::applied();
      })
      .on<BoxUnlocked>([](BoxState& state, const BoxUnlocked&, Step&) {
        state.set_rings(state.rings() + 1);
        return Verdict::applied();
      })
      .on<BoxLabelled>([](BoxState& state, const BoxLabelled&, Step&) {
        state.set_labelled(true);
        return Verdict::applied();
      })
      .on<BoxStamped>([](BoxState& state, const BoxStamped& event, Step&) {
        state.add_tags(event.tag());
        return Verdict::applied();
      })
      .on<BoxFilled>([](BoxState& state, const BoxFilled& event, Step& step) {
        state.set_total(state.total() + event.amount());
        state.add_tags(event.tag());
        if (!state.open()) return Verdict::not_yet("the box is not open");
        if (asks_for(event.tag(), "lock") && state.rings() == 0) return Verdict::not_yet("the box is locked");
        if (asks_for(event.tag(), "label") && !state.labelled()) return Verdict::not_yet("the box has no label");
        if (asks_for(event.tag(), "poison")) throw std::runtime_error("poisoned");
        BoxCounted counted;
        counted.set_box_id(event.box_id());
        counted.set_total(state.total());
        counted.set_tag(event.tag());
        step.publish(counted);
        return Verdict::applied();
      });
  return service;
}

// Unlocks a box once; a chest's things are parts whose weights are summed beside them.
inline Service make_gamma() {
  auto service = boxes::gamma();
  service.aggregate<BoxState>("key", "box").command<FillRequest, FillResponse>(
      "Unlock", [](const FillRequest& request, const Cause&) -> Result<std::string> { return request.box_id(); },
      [](BoxState& state, const FillRequest& request, Step& step) -> Result<FillResponse> {
        if (!state.open()) step.publish(boxes::make<BoxUnlocked>(request.box_id(), 0, ""));
        state.set_open(true);
        return FillResponse();
      });
  return service;
}

}  // namespace loomline::eventing::sim
