// A command that a service executes itself within a call: who calls, under which key, and what it wrote.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "loomline/eventing/service.hpp"
#include "loomline/rpc/context.hpp"

namespace loomline::host {

// Tenant, idempotency key, trace and caller of the call.
inline eventing::Executor::Options options_of(const rpc::CallContext& call) {
  eventing::Executor::Options options;
  options.tenant = call.caller.tenant;
  options.idempotency_key = call.idempotency_key;
  options.traceparent = call.trace.traceparent();
  options.caller = {call.caller.subject.empty() ? call.caller.name : call.caller.subject, call.caller.role};
  return options;
}

// The positions of what it published reach the caller with the answer, so that what they read next has it.
inline Status execute(eventing::Executor& executor, const rpc::CallContext& call, std::string_view method,
                      const google::protobuf::Message& request, google::protobuf::Message& response,
                      eventing::Executor::Options options) {
  std::string positions;
  options.positions = &positions;
  auto status = executor.execute(method, request, response, options);
  if (!positions.empty()) call.answer_positions(std::move(positions));
  return status;
}

template <class Response>
Result<Response> execute(eventing::Executor& executor, const rpc::CallContext& call, std::string_view method,
                         const google::protobuf::Message& request, eventing::Executor::Options options) {
  Response response;
  auto status =
      execute(executor, call, method, request, static_cast<google::protobuf::Message&>(response), std::move(options));
  if (!status.ok()) return status;
  return response;
}
template <class Response>
Result<Response> execute(eventing::Executor& executor, const rpc::CallContext& call, std::string_view method,
                         const google::protobuf::Message& request) {
  return execute<Response>(executor, call, method, request, options_of(call));
}

}  // namespace loomline::host
