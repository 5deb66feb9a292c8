// The service that is measured beside its floors: a step changes one row and says one event, and nothing else, so that
// the floor knows what to write.
#pragma once

#include "tests/boxes.hpp"

namespace loomline::bench {

using namespace eventing::boxes;  // NOLINT: a program's vocabulary
using eventing::Cause;
using eventing::Service;
using eventing::Step;
using eventing::Verdict;

// What travels and what is kept are about as long as what the services have: an event of tracking has 200 to 400 bytes.
inline constexpr std::size_t kTagBytes = 160;

inline void count(BoxState& state, std::int64_t amount, const std::string& tag) {
  state.set_total(state.total() + amount);
  if (state.tags().empty()) state.add_tags();
  state.set_tags(0, tag);
}

inline BoxCounted counted(const std::string& box, const BoxState& state, const std::string& tag) {
  BoxCounted event;
  event.set_box_id(box);
  event.set_total(state.total());
  event.set_tag(tag);
  return event;
}

// Hears fills and says what is in the box then.
inline Service counts() {
  Service service("beta");
  service.aggregate<BoxState>("shadow", "box").on<BoxFilled>([](BoxState& state, const BoxFilled& event, Step& step) {
    count(state, event.amount(), event.tag());
    step.publish(counted(event.box_id(), state, event.tag()));
    return Verdict::applied();
  });
  return service;
}

// Fills by command and says so.
inline Service fills() {
  Service service("alpha");
  service.aggregate<BoxState>("box", "box").command<FillRequest, FillResponse>(
      "Fill", [](const FillRequest& request, const Cause&) -> Result<std::string> { return request.box_id(); },
      [](BoxState& state, const FillRequest& request, Step& step) -> Result<FillResponse> {
        count(state, request.amount(), request.tag());
        step.publish(make<BoxFilled>(request.box_id(), request.amount(), request.tag()));
        FillResponse response;
        response.set_total(state.total());
        return response;
      });
  return service;
}

inline std::string box_name(int number) { return "box_" + std::to_string(number); }
inline std::string tag_of(int number) {
  auto tag = std::to_string(number);
  tag.resize(kTagBytes, 'x');
  return tag;
}

}  // namespace loomline::bench
