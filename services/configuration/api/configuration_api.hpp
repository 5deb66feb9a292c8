// The methods of ConfigurationService: queries over committed state, and publishing.
#pragma once

#include <string_view>

#include "loomline/configuration/state/v1/state.pb.h"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/eventing/service.hpp"
#include "loomline/rpc/context.hpp"

namespace loomline::configuration::api {

// Thread-safe, as Reader and Executor are.
class ConfigurationApi {
 public:
  ConfigurationApi(eventing::Reader& reader, eventing::Executor& executor) : reader_(reader), executor_(executor) {}

  // Compiling a large model takes longer than a step may: it is done before, and the command finds it cached.
  Result<v1::PublishModelResponse> publish_model(const rpc::CallContext& call,
                                                 const v1::PublishModelRequest& request) const;

  Result<v1::GetModelResponse> get_model(std::string_view tenant, const v1::GetModelRequest& request) const;
  // By model id.
  Result<v1::ListModelsResponse> list_models(std::string_view tenant, const v1::ListModelsRequest& request) const;
  Result<v1::ValidateResponse> validate(std::string_view tenant, const v1::ValidateRequest& request) const;
  Result<v1::CompleteResponse> complete(std::string_view tenant, const v1::CompleteRequest& request) const;

 private:
  Result<state::v1::StoredVersion> find(std::string_view tenant, const std::string& model_id,
                                        std::uint32_t version) const;

  eventing::Reader& reader_;
  eventing::Executor& executor_;
};

}  // namespace loomline::configuration::api
