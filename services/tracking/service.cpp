// The list of what tracking does: every event, timer, command and query, and the tail of order progress that feeds the
// watches.
#include "loomline/tracking/service.hpp"

#include <memory>
#include <stdexcept>

#include "api/journey_api.hpp"
#include "api/watch_hub.hpp"
#include "domain/journey.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/host/config.hpp"
#include "loomline/rpc/query.hpp"

namespace loomline::tracking {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MessageFactory;

const domain::Message& prototype_of(const std::string& event) {
  const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(event);
  if (type == nullptr) throw std::logic_error("the topic catalogue names " + event + ", which no contract declares");
  return *MessageFactory::generated_factory()->GetPrototype(type);
}

// Everything that others say under an order's key. A fact is never refused and waits for nothing: what comes early is
// folded again when the rest is there.
void hear_everything(eventing::Aggregate<domain::State>& journeys) {
  for (const auto& topic : eventing::topic_catalog().topic()) {
    if (topic.key_type() != prefix::order || topic.internal() || topic.owner() == "tracking") continue;
    for (const auto& event : topic.event()) journeys.on(prototype_of(event), domain::record);
  }
}

api::WatchHub::Listen listen_to_progress(const host::Config& config) {
  return [kafka = config.kafka, installation = config.installation](api::WatchHub& hub) {
    const std::string progress(v1::OrderProgressed::descriptor()->full_name());
    return eventing::tail(kafka, installation, {"loomline.tracking.progress"}, false,
                          [&hub, progress](const eventing::TailedEvent& tailed) {
                            if (tailed.type == progress && tailed.event)
                              hub.heard(static_cast<const v1::OrderProgressed&>(*tailed.event));
                          });
  };
}

// What this process commits is told at once; what other replicas do comes over the topic.
struct Watching {
  Watching(eventing::Runtime& runtime, const host::Config& config)
      : hub(runtime.reader(), listen_to_progress(config)),
        changes(runtime.listen(std::string(api::journey_kind),
                               [this](const std::string&, const std::string& order) { hub.changed(order); })) {}
  api::WatchHub hub;
  const std::unique_ptr<eventing::Listening> changes;  // ends first
};

}  // namespace

eventing::Service make_service() {
  eventing::Service service("tracking");
  auto journeys = service.aggregate<domain::State>(std::string(api::journey_kind), prefix::order);
  domain::declare(journeys);
  hear_everything(journeys);
  journeys.timer<state::v1::WindowPassed>("window", domain::on_window_passed);
  journeys.command<state::v1::RebuildRequest, state::v1::RebuildResponse>(
      std::string(api::rebuild_method),
      [](const state::v1::RebuildRequest& request, const eventing::Cause&) -> Result<std::string> {
        return request.order_id();
      },
      domain::rebuild);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&, const host::Config& config) {
  auto& reader = runtime.reader();
  const auto api = std::make_shared<api::JourneyApi>(reader, runtime);
  rpc::query(server, api, &api::JourneyApi::get);
  rpc::query(server, api, &api::JourneyApi::list);
  rpc::query(server, api, &api::JourneyApi::count);
  rpc::query(server, api, &api::JourneyApi::rebuild);
  server.server_push<v1::WatchJourneyRequest, v1::WatchJourneyResponse>(
      rpc::method_of<v1::WatchJourneyRequest>(),
      [watching = std::make_shared<Watching>(runtime, config), &reader](
          const rpc::CallContext& call, const v1::WatchJourneyRequest& request,
          rpc::StreamHandle<v1::WatchJourneyResponse> stream) -> Status {
        const auto known = api::check_known(reader, call.caller.tenant, request.order_id());
        if (!known.ok()) return known;
        watching->hub.watch(call.caller.tenant, request.order_id(), request.after_revision(), std::move(stream));
        return {};
      });
}

}  // namespace loomline::tracking
