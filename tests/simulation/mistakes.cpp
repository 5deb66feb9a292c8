#include "mistakes.hpp"

#include <google/protobuf/empty.pb.h>

#include <array>
#include <cstdio>
#include <functional>

#include "life.hpp"
#include "loomline/tracking/state/v1/state.pb.h"

namespace loomline::simulation {
namespace {

using eventing::Service;
using eventing::Step;
using eventing::Verdict;
using Messages = std::vector<std::unique_ptr<eventing::Message>>;
using Change = std::function<void(Messages&)>;

// What a handler said goes through `change`; timers and indexes stay as it wanted them.
void rewrite(Step& step, const Change& change) {
  Messages said;
  for (const auto& message : step.published()) {
    said.emplace_back(message->New());
    said.back()->CopyFrom(*message);
  }
  change(said);
  const auto timers = step.timers();
  const auto indexes = step.indexes();
  const bool forgotten = step.forgotten();
  step.begin_again();
  for (const auto& message : said) step.publish(*message);
  for (const auto& timer : timers) {
    google::protobuf::Empty payload;  // carries the bytes as unknown fields
    payload.ParseFromString(timer.payload);
    if (timer.due) step.timer(timer.name, *timer.due, payload);
    else step.cancel_timer(timer.name);
  }
  for (const auto& index : indexes) step.index(index.name, index.values);
  if (forgotten) step.forget();
}

void change_said(Service& service, const Change& change) {
  const auto changed = [&](auto& handler) {
    handler.apply = [apply = handler.apply, change](auto& state, const auto& message, auto&... rest) {
      const auto outcome = apply(state, message, rest...);
      rewrite(std::get<sizeof...(rest) - 1>(std::tie(rest...)), change);
      return outcome;
    };
  };
  for (const auto& [kind, def] : service.aggregates()) {
    for (auto& [name, handler] : def->events) changed(handler);
    for (auto& [name, handler] : def->timers) changed(handler);
    for (auto& [name, handler] : def->commands) changed(handler);
  }
}

// Of each message of a type that is said: `change` may edit it, and answers how often it is said.
template <class Event>
void say(Service& service, int (*change)(Event&)) {
  change_said(service, [change](Messages& said) {
    Messages out;
    for (auto& message : said) {
      auto* event = dynamic_cast<Event*>(message.get());
      const int times = event == nullptr ? 1 : change(*event);
      for (int i = 1; i < times; ++i) {
        out.emplace_back(message->New());
        out.back()->CopyFrom(*message);
      }
      if (times > 0) out.push_back(std::move(message));
    }
    said = std::move(out);
  });
}

// Events of a type (all: an empty one) for which `deaf` holds are not heard.
void hear_not(Service& service, std::string_view type, bool (*deaf)(const eventing::Message&, Step&)) {
  for (const auto& [kind, def] : service.aggregates())
    for (auto& [name, handler] : def->events)
      if (name.ends_with(type))
        handler.apply = [apply = handler.apply, deaf](auto& state, const auto& event, Step& step) {
          return deaf(event, step) ? Verdict::ignored() : apply(state, event, step);
        };
}

bool always(const eventing::Message&, Step&) { return true; }
bool of_a_second_attempt(const eventing::Message& event, Step&) {
  return static_cast<const scheduling::v1::OperationProgressed&>(event).attempt() > 1;
}
// Something that was recorded later is there already.
bool late(const eventing::Message&, Step& step) {
  std::array<char, 17> recorded{};
  std::snprintf(recorded.data(), recorded.size(), "%016llx",
                static_cast<unsigned long long>(step.cause().recorded.time_since_epoch().count()));
  bool found = false;
  step.parts<tracking::state::v1::Fact>().each_after(
      std::string(recorded.data()) + "~", [&](const std::string&, const auto&) { found = true; });
  return found;
}

template <class Event>
int twice(Event&) {
  return 2;
}
template <class Event>
int never(Event&) {
  return 0;
}
int one_piece_more(scheduling::v1::LineScheduled& event) {
  event.add_unit_ids("unt_extra" + event.line_id());
  return 1;
}
int released(scheduling::v1::InspectionDecided& event) {
  event.set_released(true);
  event.clear_rework_op_ids();
  return 1;
}
int all_but_the_fifth(tracking::v1::OrderProgressed& event) { return event.revision() == 5 ? 0 : 1; }

}  // namespace

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> all{
      {"placed_twice", "intake", [](Service& s) { say<intake::v1::OrderPlaced>(s, twice); }},
      {"refusal_unheard", "intake", [](Service& s) { hear_not(s, "CancellationRefused", always); }},
      {"delivery_unheard", "intake", [](Service& s) { hear_not(s, "ShipmentDelivered", always); }},
      {"one_piece_more", "scheduling", [](Service& s) { say<scheduling::v1::LineScheduled>(s, one_piece_more); }},
      {"dispatch_unsaid", "scheduling", [](Service& s) { say<scheduling::v1::ShipmentDispatched>(s, never); }},
      {"failure_waved_through", "scheduling", [](Service& s) { say<scheduling::v1::InspectionDecided>(s, released); }},
      {"hold_stays", "quality", [](Service& s) { say<quality::v1::HoldReleased>(s, never); }},
      {"second_attempt_unseen", "quality",
       [](Service& s) { hear_not(s, "OperationProgressed", of_a_second_attempt); }},
      {"cancellation_unheard", "quality", [](Service& s) { hear_not(s, "OrderCancelled", always); }},
      {"asked_twice", "aftersales", [](Service& s) { say<aftersales::v1::SurveyRequested>(s, twice); }},
      {"late_fact_dropped", "tracking", [](Service& s) { hear_not(s, "", late); }},
      {"revision_skipped", "tracking", [](Service& s) { say<tracking::v1::OrderProgressed>(s, all_but_the_fifth); }}};
  return all;
}

std::vector<Service> services_with(const Mistake& mistake) {
  auto services = make_services();
  for (auto& service : services)
    if (service.name() == mistake.service) mistake.put_into(service);
  return services;
}

}  // namespace loomline::simulation
