// The services and the topic catalogue that the kernel's tests run.
#pragma once

#include "loomline/common/v1/system.pb.h"
#include "loomline/eventing/service.hpp"
#include "loomline/eventing/testing.hpp"
#include "tests/kernel_test.pb.h"

namespace loomline::eventing::boxes {

using namespace loomline::kerneltest::v1;  // NOLINT: test vocabulary

inline constexpr const char* kCatalog = R"(
topic { name: "t.box" owner: "alpha" key_type: "box" key_field: "box_id"
  event: "loomline.kerneltest.v1.BoxOpened" event: "loomline.kerneltest.v1.BoxFilled" event: "loomline.kerneltest.v1.BoxSeen" }
topic { name: "t.count" owner: "beta" key_type: "box" key_field: "box_id" event: "loomline.kerneltest.v1.BoxCounted" }
topic { name: "t.lock" owner: "gamma" key_type: "box" key_field: "box_id" event: "loomline.kerneltest.v1.BoxUnlocked" }
topic { name: "t.label" owner: "delta" key_type: "box" key_field: "box_id"
  event: "loomline.kerneltest.v1.BoxLabelled" event: "loomline.kerneltest.v1.BoxStamped" }
topic { name: "loomline.kernel.gaps" owner: "kernel" key_type: "chn" key_field: "chain_id"
  event: "loomline.common.v1.ChainRefillAsked" }
topic { name: "loomline.clock" owner: "alpha" key_type: "clk" key_field: "clock_id"
  event: "loomline.common.v1.BusinessClockAdvanced" }
)";

template <class Event>
Event make(const std::string& box, std::int64_t amount, const std::string& tag) {
  Event event;
  event.set_box_id(box);
  if constexpr (requires { event.set_amount(amount); }) {
    event.set_amount(amount);
    event.set_tag(tag);
  }
  return event;
}

// Executes fills by command and says them; sets an alarm for "alarm", refuses a negative amount.
inline Service alpha() {
  Service service("alpha");
  service.aggregate<BoxState>("box", "box")
      .command<FillRequest, FillResponse>(
          "Fill", [](const FillRequest& request, const Cause&) -> Result<std::string> { return request.box_id(); },
          [](BoxState& state, const FillRequest& request, Step& step) -> Result<FillResponse> {
            state.set_total(state.total() + request.amount());
            if (request.amount() < 0) return invalid("amount", "is negative", "give zero or more");
            if (!state.open()) {
              state.set_open(true);
              step.publish(make<BoxOpened>(request.box_id(), 0, ""));
            }
            step.publish(make<BoxFilled>(request.box_id(), request.amount(), request.tag()));
            step.index("tag", request.tag());
            if (request.tag() == "alarm") {
              Alarm alarm;
              alarm.set_text("ring");
              step.timer("alarm/" + request.box_id(), step.now() + std::chrono::hours(1), alarm);
            }
            FillResponse response;
            response.set_total(state.total());
            return response;
          })
      .on<BoxCounted>([](BoxState& state, const BoxCounted& event, Step&) {
        state.add_tags("counted " + std::to_string(event.total()));
        return Verdict::applied();
      })
      .timer<Alarm>("alarm", [](BoxState& state, const Alarm& alarm, Step& step) {
        state.set_rings(state.rings() + 1);
        step.publish(make<BoxFilled>(step.key(), 0, alarm.text()));
        return Verdict::applied();
      });
  service.aggregate<common::v1::BusinessClockAdvanced>("clock", "clk")
      .command<common::v1::BusinessClockAdvanced, FillResponse>(
          "Advance",
          [](const common::v1::BusinessClockAdvanced& request, const Cause&) -> Result<std::string> {
            return request.clock_id();
          },
          [](common::v1::BusinessClockAdvanced& state, const common::v1::BusinessClockAdvanced& request,
             Step& step) -> Result<FillResponse> {
            state = request;
            step.publish(request);
            return FillResponse();
          });
  return service;
}

// Hears fills: not_yet before the box is open; "poison" throws; says the running total.
inline Service beta() {
  Service service("beta");
  service.aggregate<BoxState>("shadow", "box")
      .on<BoxOpened>([](BoxState& state, const BoxOpened&, Step&) {
        state.set_open(true);
        return Verdict::applied();
      })
      .on<BoxUnlocked>([](BoxState& state, const BoxUnlocked&, Step&) {
        state.set_open(true);
        return Verdict::applied();
      })
      .on<BoxFilled>([](BoxState& state, const BoxFilled& event, Step& step) {
        state.set_total(state.total() + event.amount());
        if (!state.open()) return Verdict::not_yet("the box is not open");
        if (event.tag() == "poison") throw std::runtime_error("poisoned");
        if (event.tag() == "refuse") return Verdict::refused("not wanted");
        state.add_tags(event.tag());
        BoxCounted counted;
        counted.set_box_id(event.box_id());
        counted.set_total(state.total());
        counted.set_tag(event.tag());
        step.publish(counted);
        return Verdict::applied();
      });
  return service;
}

// What is derived from a chest: the sum of its things' weights, kept in step by the handlers.
struct Weights : Derived {
  std::int64_t sum = 0;
  std::unique_ptr<Derived> copy() const override { return std::make_unique<Weights>(*this); }
};

// A chest of many things, each a part. A thing of weight 13 is refused after it was put in; weight 0 takes it out.
inline Service gamma() {
  Service service("gamma");
  service.aggregate<ChestState>("chest", "box")
      .parts<Thing>("thing")
      .derived<Weights>([](const ChestState&, const PartStore& parts) {
        auto weights = std::make_unique<Weights>();
        PartsView<Thing>(parts).each([&](const std::string&, const Thing& thing) { weights->sum += thing.weight(); });
        return weights;
      })
      .command<PutThingRequest, PutThingResponse>(
          "Put", [](const PutThingRequest& request, const Cause&) -> Result<std::string> { return request.chest_id(); },
          [](ChestState& state, const PutThingRequest& request, Step& step) -> Result<PutThingResponse> {
            auto things = step.parts<Thing>();
            auto& weights = step.derived<Weights>();
            if (const auto* known = things.find(request.name())) weights.sum -= known->weight();
            if (request.weight() == 0) {
              things.erase(request.name());
            } else {
              auto* thing = things.edit(request.name());
              if (thing == nullptr) thing = &things.add(request.name());
              thing->set_name(request.name());
              thing->set_weight(request.weight());
              weights.sum += request.weight();
            }
            if (request.weight() == 13) return failed_precondition("UNLUCKY", "Thirteen is not put in.");
            state.set_chest_id(request.chest_id());
            state.set_things(static_cast<std::int64_t>(things.size()));
            PutThingResponse response;
            response.set_things(state.things());
            response.set_weight(weights.sum);
            return response;
          });
  return service;
}

inline PutThingRequest put(const std::string& chest, const std::string& name, std::int64_t weight) {
  PutThingRequest request;
  request.set_chest_id(chest);
  request.set_name(name);
  request.set_weight(weight);
  return request;
}

}  // namespace loomline::eventing::boxes
