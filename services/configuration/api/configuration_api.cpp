#include "api/configuration_api.hpp"

#include "domain/answer.hpp"
#include "domain/cache.hpp"
#include "domain/publish.hpp"
#include "loomline/base/id.hpp"
#include "loomline/host/execute.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::configuration::api {

namespace {
constexpr int default_page = 50, largest_page = 500;
}  // namespace

Result<v1::PublishModelResponse> ConfigurationApi::publish_model(const rpc::CallContext& call,
                                                                 const v1::PublishModelRequest& request) const {
  if (const auto compiled = domain::compiled_products().get(request.package()); !compiled.ok())
    return compiled.status();
  return host::execute<v1::PublishModelResponse>(executor_, call, rpc::method_of<v1::PublishModelRequest>(), request);
}

Result<state::v1::StoredVersion> ConfigurationApi::find(std::string_view tenant, const std::string& model_id,
                                                        std::uint32_t version) const {
  wire::Checker check;
  check.id("model_id", model_id, prefix::model);
  if (!check.ok()) return check.status();
  domain::State state;
  const auto got = reader_.get(tenant, "model", model_id, state);
  if (!got.ok()) return got.status();
  const auto found = domain::find_version(state, model_id, version);
  if (!found.ok()) return found.status();
  return **found;
}

Result<v1::GetModelResponse> ConfigurationApi::get_model(std::string_view tenant,
                                                         const v1::GetModelRequest& request) const {
  auto stored = find(tenant, request.model_id(), request.version());
  if (!stored.ok()) return stored.status();
  v1::GetModelResponse response;
  *response.mutable_model() = stored->model();
  if (!response.mutable_package()->ParseFromString(stored->package()))
    return Status(Code::data_loss, "PACKAGE_UNREADABLE", "The stored product package cannot be read; restore it.");
  return response;
}

Result<v1::ListModelsResponse> ConfigurationApi::list_models(std::string_view tenant,
                                                             const v1::ListModelsRequest& request) const {
  wire::Checker check;
  check.range("page.page_size", request.page().page_size(), 0, largest_page);
  check.id("page.page_token", request.page().page_token(), prefix::model, false);
  if (!check.ok()) return check.status();
  const int size = request.page().page_size() == 0 ? default_page : static_cast<int>(request.page().page_size());
  const auto found = reader_.find(tenant, "model", "all", "1", request.page().page_token(), size + 1, false);
  if (!found.ok()) return found.status();
  v1::ListModelsResponse response;
  for (const auto& one : *found) {
    if (response.models_size() == size) {
      response.set_next_page_token(response.models(size - 1).model_id());
      break;
    }
    domain::State state;
    if (!state.ParseFromString(one.state) || state.versions().empty())
      return Status(Code::data_loss, "MODEL_UNREADABLE",
                    "The stored model " + one.key + " cannot be read; restore it.");
    *response.add_models() = state.versions(state.versions_size() - 1).model();
  }
  return response;
}

Result<v1::ValidateResponse> ConfigurationApi::validate(std::string_view tenant,
                                                        const v1::ValidateRequest& request) const {
  const auto stored = find(tenant, request.model_id(), request.model_version());
  if (!stored.ok()) return stored.status();
  const auto product = domain::compiled_products().get(stored->package());
  if (!product.ok()) return product.status();
  return domain::validate(**product, stored->model(), request);
}

Result<v1::CompleteResponse> ConfigurationApi::complete(std::string_view tenant,
                                                        const v1::CompleteRequest& request) const {
  const auto stored = find(tenant, request.model_id(), request.model_version());
  if (!stored.ok()) return stored.status();
  const auto product = domain::compiled_products().get(stored->package());
  if (!product.ok()) return product.status();
  return domain::complete(**product, request);
}

}  // namespace loomline::configuration::api
