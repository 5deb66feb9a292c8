// The life of a model: versions are added, never changed.
#pragma once

#include "loomline/configuration/state/v1/state.pb.h"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/eventing/step.hpp"

namespace loomline::configuration::domain {

using State = state::v1::ModelState;

// The same content as a version that is there answers that version.
Result<v1::PublishModelResponse> publish_model(State& state, const v1::PublishModelRequest& request,
                                               eventing::Step& step);

// Version 0 is the newest. not_found MODEL_UNKNOWN or MODEL_VERSION_UNKNOWN.
Result<const state::v1::StoredVersion*> find_version(const State& state, std::string_view model_id,
                                                     std::uint32_t version);

}  // namespace loomline::configuration::domain
