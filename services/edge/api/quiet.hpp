// Is the whole installation at rest? The rule stands in proto/loomline/common/v1/system.proto (GetActivityResponse).
#pragma once

#include <google/protobuf/message.h>
#include <loomline/common/v1/edge.pb.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "loomline/base/time.hpp"
#include "loomline/rpc/directory.hpp"

namespace loomline::edge {

// Empty where one look at every replica of every service shows rest; otherwise what is still under way.
std::string why_not_quiet(const std::vector<common::v1::GetActivityResponse>& services);

// One look at every replica of every service, by service and instance. Those that do not answer are `silent`, by
// service, with why.
struct Activities {
  std::vector<common::v1::GetActivityResponse> heard;
  std::multimap<std::string, Status> silent;
};
Activities look_at_all(rpc::Directory& peers, const rpc::CallOptions& options);

// The longest that anybody may wait for rest with one call.
inline constexpr std::chrono::milliseconds kLongestQuiet{30'000};
// Looks until two looks in a row are at rest and equal and everybody has seen `business_time`, or the wait is over;
// invalid_argument where it is over kLongestQuiet.
Status find_quiet(rpc::Directory& peers, std::chrono::milliseconds wait, Time business_time,
                  common::v1::GetQuietResponse& out, const rpc::CallOptions& options);
// EdgeService.GetQuiet.
Status answer_quiet(rpc::Directory& peers, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const rpc::CallOptions& options);

}  // namespace loomline::edge
