#include "api/calls.hpp"

#include "loomline/base/id.hpp"
#include "loomline/host/execute.hpp"

namespace loomline::intake::api {
namespace {

const std::string& caller_id(const rpc::CallContext& call) {
  return call.caller.subject.empty() ? call.caller.name : call.caller.subject;
}

}  // namespace

eventing::Executor::Options options_of(const rpc::CallContext& call, std::string_view part) {
  auto options = host::options_of(call);
  if (!options.idempotency_key.empty()) options.idempotency_key += "/" + std::string(part);
  return options;
}

std::string request_of(const rpc::CallContext& call, std::string_view part) {
  if (call.idempotency_key.empty()) return random_hex128() + "/" + std::string(part);
  return call.caller.tenant + "/" + caller_id(call) + "/" + call.method + "/" + call.idempotency_key + "/" +
         std::string(part);
}

}  // namespace loomline::intake::api
