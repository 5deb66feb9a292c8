// The one mapping between loomline::Status and grpc::Status. Codes are equal by number; reason and violations travel as
// a loomline.common.v1.ErrorDetail inside a google.rpc.Status (the convention of grpc-status-details-bin), so that
// tools of others can show them.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "loomline/base/status.hpp"

namespace loomline::rpc {

grpc::Status to_grpc(const Status& status, const std::string& trace_id = {});
Status from_grpc(const grpc::Status& status);

}  // namespace loomline::rpc
