// Readers without a group.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "loomline/eventing/runtime.hpp"

namespace loomline::eventing {

// As tail(), but begins with the last thousand messages of each partition, and returns only when those have been
// delivered; throws std::runtime_error where they cannot be read. Not the last one alone: it may be foreign, or an old
// one again.
std::unique_ptr<Tail> tail_lately(const std::string& kafka, const std::string& installation,
                                std::vector<std::string> topics, std::function<void(const TailedEvent&)> on_event);

// One reader for all services of this process that hear `topic` from now on: each client of librdkafka has threads and
// timers of its own, which cost more than what a quiet topic says.
class SharedTail {
 public:
  static std::shared_ptr<SharedTail> of(const std::string& kafka, const std::string& installation,
                                        const std::string& topic);

  // Calls back on the tail's thread; keep it short. Ends with the handle, which is not held by a callback.
  class Subscription {
   public:
    Subscription(std::shared_ptr<SharedTail> tail, std::list<std::function<void(const TailedEvent&)>>::iterator place)
        : tail_(std::move(tail)), place_(place) {}
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    std::shared_ptr<SharedTail> tail_;
    std::list<std::function<void(const TailedEvent&)>>::iterator place_;
  };
  static std::unique_ptr<Subscription> subscribe(std::shared_ptr<SharedTail> tail,
                                                 std::function<void(const TailedEvent&)> callback);

 private:
  std::mutex mutex_;
  std::list<std::function<void(const TailedEvent&)>> callbacks_;
  std::unique_ptr<Tail> tail_;  // last: stopped first
};

inline Time from_proto(const google::protobuf::Timestamp& t) {
  return Time(Duration(t.seconds() * 1'000'000 + t.nanos() / 1000));
}
inline void to_proto(Time time, google::protobuf::Timestamp& out) {
  auto micros = time.time_since_epoch().count();
  auto seconds = micros / 1'000'000;
  if (micros % 1'000'000 < 0) --seconds;
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int>((micros - seconds * 1'000'000) * 1000));
}

}  // namespace loomline::eventing
