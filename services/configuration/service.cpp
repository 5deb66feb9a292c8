// The list of what configuration does: every command and query, one line each.
#include "loomline/configuration/service.hpp"

#include <memory>

#include "api/configuration_api.hpp"
#include "domain/publish.hpp"
#include "loomline/base/id.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::configuration {
namespace {

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
      .command<v1::PublishModelRequest, v1::PublishModelResponse>(rpc::method_of<v1::PublishModelRequest>(), model_of,
                                                                  domain::publish_model);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&, const host::Config&) {
  const auto api = std::make_shared<api::ConfigurationApi>(runtime.reader(), runtime);
  rpc::query(server, api, &api::ConfigurationApi::publish_model);
  rpc::query(server, api, &api::ConfigurationApi::get_model);
  rpc::query(server, api, &api::ConfigurationApi::list_models);
  rpc::query(server, api, &api::ConfigurationApi::validate);
  rpc::query(server, api, &api::ConfigurationApi::complete);
}

}  // namespace loomline::configuration
