// From a call over gRPC to what the kernel and the peers want to know about it.
#pragma once

#include <string>
#include <string_view>

#include "loomline/eventing/service.hpp"
#include "loomline/rpc/context.hpp"

namespace loomline::intake::api {

// `part` names one of several commands that a call leads to, so that each has a key of its own.
eventing::Executor::Options options_of(const rpc::CallContext& call, std::string_view part);

// Names the call for good: tenant, caller, method and idempotency key; random where it has none.
std::string request_of(const rpc::CallContext& call, std::string_view part);

}  // namespace loomline::intake::api
