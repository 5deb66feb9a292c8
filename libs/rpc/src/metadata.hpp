// What travels beside a message, and its names on the wire.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <string>
#include <string_view>

#include "loomline/rpc/channel.hpp"
#include "loomline/rpc/context.hpp"

namespace loomline::rpc {

namespace metadata {
inline constexpr const char* caller = "loomline-caller";
inline constexpr const char* tenant = "loomline-tenant";
inline constexpr const char* role = "loomline-role";
inline constexpr const char* subject = "loomline-subject";
inline constexpr const char* positions = "loomline-positions";
inline constexpr const char* idempotency_key = "idempotency-key";
inline constexpr const char* traceparent = "traceparent";
}  // namespace metadata

// Fills everything but method; invalid_argument where a value is longer than its limit. A call without a deadline gets
// `default_deadline`, or none where that is zero.
Status read_context(const grpc::CallbackServerContext& from, Duration default_deadline, CallContext& context);

// Puts the options into `to`, without the deadline. invalid_argument where a value cannot travel as metadata.
Status write_context(const CallOptions& options, grpc::ClientContext& to);

// What write_context() and read_context() make of the options between them, for a call that stays in the process;
// everything but method and deadline.
Status pass_context(const CallOptions& options, CallContext& context);

// "loomline.intake.v1.IntakeService.PlaceOrder" <-> "/loomline.intake.v1.IntakeService/PlaceOrder"
std::string path_of(std::string_view method);
std::string method_of(std::string_view path);

}  // namespace loomline::rpc
