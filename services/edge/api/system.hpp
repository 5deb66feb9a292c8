// SystemService at the edge: the question goes to every service, the answers come back as one.
#pragma once

#include <google/protobuf/message.h>

#include "loomline/rpc/directory.hpp"

namespace loomline::edge {

Status call_system(rpc::Directory& peers, const google::protobuf::MethodDescriptor& method,
                   const google::protobuf::Message& request, google::protobuf::Message& response,
                   const rpc::CallOptions& options);

}  // namespace loomline::edge
