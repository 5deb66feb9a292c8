// The services that every installation runs, and how they are asked.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/conformance/installation.hpp"

namespace loomline::eventing::conformance {

// What beta's handlers of fills depend on besides: "dawdle" takes 5 ms, "slow" 600 ms; "curable" fails until cured.
struct Nature {
  std::function<void(std::chrono::milliseconds)> pause;
  std::function<bool()> cured;
};
inline Service with_nature(Service service, const Nature& nature) {
  if (service.name() != "beta") return service;
  auto& handler = service.aggregates().at("shadow")->events.find("loomline.kerneltest.v1.BoxFilled")->second;
  handler.apply = [usual = handler.apply, nature](Message& state, const Message& event, Step& step) {
    const auto& tag = static_cast<const BoxFilled&>(event).tag();
    if (sim::asks_for(tag, "dawdle")) nature.pause(std::chrono::milliseconds(5));
    if (sim::asks_for(tag, "slow")) nature.pause(std::chrono::milliseconds(600));
    if (sim::asks_for(tag, "curable") && !nature.cured()) throw std::runtime_error("a mistake in the handler");
    return usual(state, event, step);
  };
  return service;
}

inline Service service_named(const std::string& name) {
  if (name == "alpha") return sim::make_alpha();
  if (name == "beta") return sim::make_beta();
  if (name == "gamma") return sim::make_gamma();
  throw std::invalid_argument("there is no service " + name);
}

inline std::unique_ptr<Message> request_of(const Call& call) {
  if (call.method == "Put") return std::make_unique<PutThingRequest>(boxes::put(call.box, call.tag, call.amount));
  auto request = std::make_unique<FillRequest>();
  request->set_box_id(call.box);
  request->set_amount(call.amount);
  request->set_tag(call.tag);
  return request;
}

inline std::unique_ptr<Message> response_of(const std::string& method) {
  if (method == "Put") return std::make_unique<PutThingResponse>();
  return std::make_unique<FillResponse>();
}

inline std::int64_t total_of(const Message& response) {
  const auto* filled = dynamic_cast<const FillResponse*>(&response);
  return filled != nullptr ? filled->total() : dynamic_cast<const PutThingResponse&>(response).weight();
}

inline Executor::Options options_of(const std::string& key) {
  Executor::Options options;
  options.idempotency_key = key;
  options.caller.id = "client";
  return options;
}

}  // namespace loomline::eventing::conformance
