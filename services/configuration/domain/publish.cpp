#include "publish.hpp"

#include "cache.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::configuration::domain {

namespace {
// A model's state is read and written whole; past this the answer is to start a new model.
constexpr std::size_t kMaxStateBytes = std::size_t{64} << 20;
}  // namespace

Result<v1::PublishModelResponse> publish_model(State& state, const v1::PublishModelRequest& request,
                                               eventing::Step& step) {
  const auto product = compiled_products().get(request.package());
  if (!product.ok()) return product.status();
  v1::PublishModelResponse response;
  for (const auto& known : state.versions()) {
    if (known.model().content_hash() != (*product)->content_hash) continue;
    *response.mutable_model() = known.model();
    return response;
  }
  state.set_model_id(step.key());
  auto& stored = *state.add_versions();
  stored.set_package(request.package().SerializeAsString());
  if (state.ByteSizeLong() > kMaxStateBytes)
    return Status(Code::resource_exhausted, "MODEL_TOO_LARGE", "The versions of this model together are too large.")
        .with({"package", "does not fit beside the versions that are there", "publish it under a new model_id"});
  v1::ModelVersion& model = *stored.mutable_model();
  model = describe(**product);
  model.set_version(static_cast<std::uint32_t>(state.versions_size()));
  *model.mutable_published_at() = wire::to_timestamp(step.now());
  step.index("all", "1");
  v1::ModelVersionPublished event;
  event.set_model_id(step.key());
  *event.mutable_model() = model;
  *event.mutable_occurred_at() = model.published_at();
  step.publish(event);
  *response.mutable_model() = model;
  response.set_created(true);
  return response;
}

Result<const state::v1::StoredVersion*> find_version(const State& state, std::string_view model_id,
                                                     std::uint32_t version) {
  if (state.versions().empty())
    return not_found("MODEL_UNKNOWN",
                     "There is no model " + std::string(model_id) + "; list the models to see what is offered.");
  const auto count = static_cast<std::uint32_t>(state.versions_size());
  if (version > count)
    return not_found("MODEL_VERSION_UNKNOWN", "The model " + std::string(model_id) + " has no version " +
                                                  std::to_string(version) + "; the newest is " + std::to_string(count) +
                                                  ".");
  return &state.versions(static_cast<int>(version == 0 ? count : version) - 1);
}

}  // namespace loomline::configuration::domain
