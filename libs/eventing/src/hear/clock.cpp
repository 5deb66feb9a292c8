#include "src/hear/clock.hpp"

#include <map>

#include "loomline/common/v1/system.pb.h"
#include "src/hear/tail.hpp"

namespace loomline::eventing {

std::shared_ptr<BusinessClock> BusinessClock::of(ClockMode mode, const std::string& kafka,
                                                 const std::string& installation) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::weak_ptr<BusinessClock>> clocks;
  if (mode == ClockMode::wall) return std::make_shared<BusinessClock>(mode);
  const std::lock_guard lock(mutex);
  auto& slot = clocks[{kafka, installation}];
  if (auto clock = slot.lock()) return clock;
  auto clock = std::make_shared<BusinessClock>(mode);
  const auto on_event = [raw = clock.get()](const TailedEvent& tailed) {
    const auto* event = dynamic_cast<const common::v1::BusinessClockAdvanced*>(tailed.event.get());
    if (event != nullptr) raw->advance(from_proto(event->now()));
  };
  clock->tail_ = tail_lately(kafka, installation, {"loomline.clock"}, on_event);
  slot = clock;
  return clock;
}

Time BusinessClock::now() const {
  return is_wall() ? wall_now() : Time(Duration(micros_.load(std::memory_order_acquire)));
}

void BusinessClock::advance(Time to) {
  const auto wanted = to.time_since_epoch().count();
  auto current = micros_.load();
  while (current < wanted && !micros_.compare_exchange_weak(current, wanted)) {
  }
  if (current >= wanted) return;
  const std::lock_guard lock(mutex_);
  for (const auto& callback : callbacks_) callback();
}

std::unique_ptr<BusinessClock::Subscription> BusinessClock::subscribe(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  return std::make_unique<Subscription>(this, callbacks_.insert(callbacks_.end(), std::move(callback)));
}

BusinessClock::Subscription::~Subscription() {
  const std::lock_guard lock(clock_->mutex_);
  clock_->callbacks_.erase(place_);
}

}  // namespace loomline::eventing
