// The queries of ConfigurationService, over committed state.
#pragma once

#include <string_view>

#include "loomline/configuration/state/v1/state.pb.h"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/eventing/service.hpp"

namespace loomline::configuration {

// Thread-safe, as the Reader is.
class ConfigurationApi {
 public:
  explicit ConfigurationApi(eventing::Reader& reader) : reader_(reader) {}

  Result<v1::GetModelResponse> get_model(std::string_view tenant, const v1::GetModelRequest& request) const;
  // By model id.
  Result<v1::ListModelsResponse> list_models(std::string_view tenant, const v1::ListModelsRequest& request) const;
  Result<v1::ValidateResponse> validate(std::string_view tenant, const v1::ValidateRequest& request) const;
  Result<v1::CompleteResponse> complete(std::string_view tenant, const v1::CompleteRequest& request) const;

 private:
  Result<state::v1::StoredVersion> find(std::string_view tenant, const std::string& model_id,
                                        std::uint32_t version) const;

  eventing::Reader& reader_;
};

}  // namespace loomline::configuration
