// One aggregate in memory, taken through steps as the kernel takes it: parse what was said, remember where to go back
// to, call the handler, serialize what it touched. For benchmarks that count what a step costs.
#pragma once

#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loomline/eventing/service.hpp"

namespace loomline::bench {

using eventing::Message;

inline double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Cost {
  double cpu_us = 0;
  std::size_t steps = 0, root_bytes = 0, part_bytes = 0, event_bytes = 0;
  double each_us() const { return cpu_us / static_cast<double>(steps); }
  double each(std::size_t bytes) const { return static_cast<double>(bytes) / static_cast<double>(steps); }
  std::size_t bytes() const { return root_bytes + part_bytes + event_bytes; }
};

class Kept {
 public:
  Kept(const eventing::Service& service, const std::string& kind, std::string key)
      : def_(*service.aggregates().at(kind)),
        key_(std::move(key)),
        state_(def_.prototype->New()),
        parts_(&def_.collections) {
    if (def_.derive) derived_ = def_.derive(*state_, parts_);
  }

  using Said = std::vector<std::shared_ptr<const Message>>;
  bool hears(const Message& event) const { return def_.events.contains(event.GetDescriptor()->full_name()); }
  // Empty where the service does not hear it.
  Said hear(const Message& event, const eventing::Cause& cause, Cost& cost) {
    const auto handler = def_.events.find(event.GetDescriptor()->full_name());
    if (handler == def_.events.end()) return {};
    return take(event, cause, cost, [&](const Message& parsed, eventing::Step& step) {
      const auto verdict = handler->second.apply(*state_, parsed, step);
      if (verdict.kind() == eventing::Verdict::Kind::applied) return true;
      if (verdict.kind() == eventing::Verdict::Kind::ignored) return false;
      throw std::logic_error("not applied: " + verdict.reason() + ": " + event.ShortDebugString());
    });
  }
  Said execute(const std::string& method, const Message& request, const eventing::Cause& cause, Cost& cost) {
    const auto& handler = def_.commands.at(method);
    const std::unique_ptr<Message> response(handler.response->New());
    return take(request, cause, cost, [&](const Message& parsed, eventing::Step& step) {
      if (auto status = handler.apply(*state_, parsed, *response, step); !status.ok())
        throw std::logic_error(status.to_string());
      return true;
    });
  }
  const Message& state() const { return *state_; }
  const eventing::AggregateDef& def() const { return def_; }
  const std::string& key() const { return key_; }
  const std::string& bytes() const { return bytes_; }  // of the state, as stored
  const eventing::PartStore& parts() const { return parts_; }

 private:
  template <class Work>
  Said take(const Message& message, eventing::Cause cause, Cost& cost, Work work) {
    cause.key = key_;
    const std::unique_ptr<Message> parsed(message.New());
    const auto body = message.SerializeAsString();
    const auto began = cpu_us();
    parsed->ParseFromString(body);
    auto parts = parts_;
    auto derived = derived_ ? derived_->copy() : nullptr;
    eventing::Step step(cause, existed_, &parts_, derived_.get());
    if (work(*parsed, step)) {
      write(step, cost);
    } else {
      state_->ParseFromString(bytes_);
      parts_ = std::move(parts);
      derived_ = std::move(derived);
    }
    cost.cpu_us += cpu_us() - began;
    ++cost.steps;
    existed_ = true;
    Said said;
    for (const auto& event : step.published()) {
      const std::shared_ptr<Message> copy(event->New());
      copy->CopyFrom(*event);
      said.push_back(copy);
    }
    return said;
  }
  void write(const eventing::Step& step, Cost& cost) {
    bytes_ = state_->SerializeAsString();
    cost.root_bytes += bytes_.size();
    for (const auto& event : step.published()) cost.event_bytes += event->SerializeAsString().size();
    for (const auto& [collection, name] : parts_.take_touched())
      if (const auto* part = parts_.find(collection, name))
        cost.part_bytes += name.size() + part->SerializeAsString().size();
  }

  const eventing::AggregateDef& def_;
  std::string key_;
  bool existed_ = false;
  std::unique_ptr<Message> state_;
  std::string bytes_;
  eventing::PartStore parts_;
  std::unique_ptr<eventing::Derived> derived_;
};

}  // namespace loomline::bench
