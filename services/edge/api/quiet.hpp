// Is the whole installation at rest? The rule stands in proto/loomline/common/v1/system.proto (GetActivityResponse).
#pragma once

#include <google/protobuf/message.h>
#include <loomline/common/v1/system.pb.h>

#include <map>
#include <string>
#include <vector>

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

// EdgeService.GetQuiet: looks until two looks in a row are at rest and equal, or the asked wait is over.
Status answer_quiet(rpc::Directory& peers, const google::protobuf::Message& request,
                    google::protobuf::Message& response, const rpc::CallOptions& options);

}  // namespace loomline::edge
