#include "api/calls.hpp"

#include "loomline/base/id.hpp"

namespace loomline::intake::api {
namespace {

const std::string& caller_id(const rpc::CallContext& call) {
  return call.caller.subject.empty() ? call.caller.name : call.caller.subject;
}

}  // namespace

eventing::Executor::Options options_of(const rpc::CallContext& call, std::string_view part) {
  eventing::Executor::Options options;
  options.tenant = call.caller.tenant;
  if (!call.idempotency_key.empty()) options.idempotency_key = call.idempotency_key + "/" + std::string(part);
  options.traceparent = call.trace.traceparent();
  options.caller = {caller_id(call), call.caller.role};
  return options;
}

std::string request_of(const rpc::CallContext& call, std::string_view part) {
  if (call.idempotency_key.empty()) return random_hex128() + "/" + std::string(part);
  return call.caller.tenant + "/" + caller_id(call) + "/" + call.method + "/" + call.idempotency_key + "/" +
         std::string(part);
}

}  // namespace loomline::intake::api
