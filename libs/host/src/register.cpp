#include "register.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <chrono>

#include "loomline/common/v1/system.pb.h"
#include "loomline/host/execute.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::host {
namespace {

// How long a read waits for the writes that it must see.
constexpr std::chrono::milliseconds patience{2000};

using common::v1::DeadLetter;
using google::protobuf::Message;

Status not_hosted(const std::string& service) {
  return not_found("SERVICE_NOT_HERE", "This process does not host the service " + service + ".");
}

eventing::Runtime* find(const Runtimes& runtimes, const std::string& service) {
  for (const auto& runtime : runtimes) {
    if (runtime->service().name() == service) return runtime.get();
  }
  return nullptr;
}

Result<common::v1::GetActivityResponse> activity(const Runtimes& runtimes, const std::string& service) {
  auto* runtime = find(runtimes, service);
  if (runtime == nullptr) return not_hosted(service);
  return runtime->activity();
}

Result<common::v1::ListDeadLettersResponse> list(const Runtimes& runtimes,
                                                 const common::v1::ListDeadLettersRequest& request) {
  if (!request.service().empty() && find(runtimes, request.service()) == nullptr) return not_hosted(request.service());
  common::v1::ListDeadLettersResponse all;
  for (const auto& runtime : runtimes) {
    if (!request.service().empty() && runtime->service().name() != request.service()) continue;
    auto some = runtime->dead_letters(request.include_closed());
    if (!some.ok()) return some.status();
    all.MergeFrom(*some);
  }
  return all;
}

using Resolve = Result<DeadLetter> (eventing::Runtime::*)(std::string_view, std::string_view);

// Without a service, the one that knows the id answers.
Result<common::v1::ResolveDeadLetterResponse> resolve(const Runtimes& runtimes, Resolve how,
                                                      const common::v1::ResolveDeadLetterRequest& request) {
  if (!request.service().empty() && find(runtimes, request.service()) == nullptr) return not_hosted(request.service());
  for (const auto& runtime : runtimes) {
    if (!request.service().empty() && runtime->service().name() != request.service()) continue;
    auto letter = (runtime.get()->*how)(request.dead_letter_id(), request.note());
    if (letter.ok()) {
      common::v1::ResolveDeadLetterResponse response;
      *response.mutable_dead_letter() = std::move(*letter);
      return response;
    }
    if (letter.status().code() != Code::not_found) return letter.status();
  }
  return not_found("DEAD_LETTER_UNKNOWN", "There is no dead letter with this id; list them with dead-letter list.");
}

Result<common::v1::ListChainsResponse> list_chains(const Runtimes& runtimes,
                                                   const common::v1::ListChainsRequest& request) {
  if (!request.service().empty() && find(runtimes, request.service()) == nullptr) return not_hosted(request.service());
  common::v1::ListChainsResponse all;
  for (const auto& runtime : runtimes) {
    if (!request.service().empty() && runtime->service().name() != request.service()) continue;
    auto some = runtime->chains(request.topic());
    if (!some.ok()) return some.status();
    all.MergeFrom(*some);
  }
  return all;
}

// Refilling and skipping name their service.
template <class Response, class Request>
Result<Response> change_chain(const Runtimes& runtimes, const Request& request,
                              Result<common::v1::ChainStatus> (eventing::Runtime::*how)(const Request&)) {
  auto* runtime = find(runtimes, request.service());
  if (runtime == nullptr) return not_hosted(request.service());
  auto chain = (runtime->*how)(request);
  if (!chain.ok()) return chain.status();
  Response response;
  *response.mutable_chain() = std::move(*chain);
  return response;
}

// "loomline.production.v1.ProductionService.ReportOperations" -> "scheduling"
std::string service_of(const std::string& method) {
  const auto first = method.find('.') + 1;
  const auto name = method.substr(first, method.find('.', first) - first);
  return name == package_owner.first ? package_owner.second : name;
}

}  // namespace

void await_positions(const Runtimes& runtimes, rpc::Server& server) {
  server.before_each([&runtimes](const rpc::CallContext& call) -> Status {
    if (call.positions.empty()) return {};
    auto* runtime = find(runtimes, service_of(call.method));
    if (runtime == nullptr) return {};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.remaining()) / 2;
    if (!runtime->await(call.positions, std::min(patience, left))) {
      telemetry::log_debug("read before the writes that it asked for", {telemetry::field::id("method", call.method)});
    }
    return {};
  });
}

void register_commands(eventing::Runtime& runtime, rpc::Server& server) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const auto& [kind, aggregate] : runtime.service().aggregates()) {
    for (const auto& [method, command] : aggregate->commands) {
      if (pool->FindMethodByName(method) == nullptr || server.has(method)) continue;
      server.unary_untyped(
          method, *command.request, *command.response,
          [&runtime, name = method](const rpc::CallContext& call, const Message& request, Message& response) {
            return execute(runtime, call, name, request, response, options_of(call));
          });
    }
  }
}

void register_system(const Runtimes& runtimes, rpc::Server& server) {
  using namespace common::v1;
  const std::string service = "loomline.common.v1.SystemService";
  server.unary<GetActivityRequest, GetActivityResponse>(
      service + ".GetActivity", [&runtimes](const rpc::CallContext&, const GetActivityRequest& request) {
        return activity(runtimes, request.service());
      });
  server.unary<ListDeadLettersRequest, ListDeadLettersResponse>(
      service + ".ListDeadLetters",
      [&runtimes](const rpc::CallContext&, const ListDeadLettersRequest& request) { return list(runtimes, request); });
  server.unary<ResolveDeadLetterRequest, ResolveDeadLetterResponse>(
      service + ".ReplayDeadLetter", [&runtimes](const rpc::CallContext&, const ResolveDeadLetterRequest& request) {
        return resolve(runtimes, &eventing::Runtime::replay, request);
      });
  server.unary<ResolveDeadLetterRequest, ResolveDeadLetterResponse>(
      service + ".DropDeadLetter", [&runtimes](const rpc::CallContext&, const ResolveDeadLetterRequest& request) {
        return resolve(runtimes, &eventing::Runtime::drop, request);
      });
  server.unary<ListChainsRequest, ListChainsResponse>(
      service + ".ListChains", [&runtimes](const rpc::CallContext&, const ListChainsRequest& request) {
        return list_chains(runtimes, request);
      });
  server.unary<RefillChainRequest, RefillChainResponse>(
      service + ".RefillChain", [&runtimes](const rpc::CallContext&, const RefillChainRequest& request) {
        return change_chain<RefillChainResponse>(runtimes, request, &eventing::Runtime::refill);
      });
  server.unary<SkipChainRequest, SkipChainResponse>(
      service + ".SkipChain", [&runtimes](const rpc::CallContext&, const SkipChainRequest& request) {
        return change_chain<SkipChainResponse>(runtimes, request, &eventing::Runtime::skip);
      });
  server.finish_registration(service);
}

}  // namespace loomline::host
