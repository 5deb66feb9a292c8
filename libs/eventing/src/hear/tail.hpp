// Readers without a group.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "loomline/eventing/runtime.hpp"

namespace loomline::eventing {

// As tail(), but begins with the last message of each partition, and returns only when those have been delivered.
std::unique_ptr<Tail> tail_last(const std::string& kafka, const std::string& installation,
                                std::vector<std::string> topics, std::function<void(const TailedEvent&)> on_event);

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
