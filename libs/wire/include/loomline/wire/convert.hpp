// Between the contracts' well-known types and libs/base.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "loomline/base/time.hpp"

namespace loomline::wire {

inline google::protobuf::Timestamp to_timestamp(Time time) {
  const auto micros = time.time_since_epoch().count();
  auto seconds = micros / 1'000'000;
  auto rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  google::protobuf::Timestamp out;
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int>(rest * 1000));
  return out;
}

// Truncates to microseconds.
inline Time to_time(const google::protobuf::Timestamp& timestamp) {
  return Time{Duration{timestamp.seconds() * 1'000'000 + timestamp.nanos() / 1000}};
}

}  // namespace loomline::wire
