#include "loomline/configuration/service.hpp"

#include <memory>

#include "api/configuration_api.hpp"
#include "domain/cache.hpp"
#include "domain/publish.hpp"
#include "loomline/host/execute.hpp"
#include "loomline/rpc/server.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::configuration {
namespace {

constexpr std::string_view kService = "loomline.configuration.v1.ConfigurationService";

std::string method(std::string_view name) { return std::string(kService) + "." + std::string(name); }

Result<std::string> model_of(const v1::PublishModelRequest& request, const eventing::Cause&) {
  wire::Checker check;
  check.id("package.model_id", request.package().model_id(), prefix::model);
  if (!check.ok()) return check.status();
  return request.package().model_id();
}

}  // namespace

eventing::Service make_service() {
  eventing::Service service("configuration");
  service.aggregate<domain::State>("model", prefix::model)
      .command<v1::PublishModelRequest, v1::PublishModelResponse>(method("PublishModel"), model_of,
                                                                  domain::publish_model);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&) {
  const auto api = std::make_shared<ConfigurationApi>(runtime.reader());
  // Compiling a large model takes longer than a transaction may: it is done before, and the command finds it cached.
  server.unary<v1::PublishModelRequest, v1::PublishModelResponse>(
      method("PublishModel"),
      [&runtime](const rpc::CallContext& call,
                 const v1::PublishModelRequest& request) -> Result<v1::PublishModelResponse> {
        if (const auto compiled = domain::compiled_products().get(request.package()); !compiled.ok())
          return compiled.status();
        return host::execute<v1::PublishModelResponse>(runtime, call, method("PublishModel"), request);
      });
  server.unary<v1::GetModelRequest, v1::GetModelResponse>(
      method("GetModel"), [api](const rpc::CallContext& call, const v1::GetModelRequest& request) {
        return api->get_model(call.caller.tenant, request);
      });
  server.unary<v1::ListModelsRequest, v1::ListModelsResponse>(
      method("ListModels"), [api](const rpc::CallContext& call, const v1::ListModelsRequest& request) {
        return api->list_models(call.caller.tenant, request);
      });
  server.unary<v1::ValidateRequest, v1::ValidateResponse>(
      method("Validate"), [api](const rpc::CallContext& call, const v1::ValidateRequest& request) {
        return api->validate(call.caller.tenant, request);
      });
  server.unary<v1::CompleteRequest, v1::CompleteResponse>(
      method("Complete"), [api](const rpc::CallContext& call, const v1::CompleteRequest& request) {
        return api->complete(call.caller.tenant, request);
      });
}

}  // namespace loomline::configuration
