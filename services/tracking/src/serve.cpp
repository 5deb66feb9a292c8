// The rpc handlers, and the tail of order progress that feeds the watches.
#include <memory>

#include "api/journey_api.hpp"
#include "api/watch_hub.hpp"
#include "loomline/host/config.hpp"
#include "loomline/host/execute.hpp"
#include "loomline/rpc/server.hpp"
#include "loomline/tracking/service.hpp"

namespace loomline::tracking {
namespace {

// Lives as long as the server's handlers. The tail is declared last: it stops first.
struct Watching {
  explicit Watching(eventing::Reader& reader) : hub(reader) {}
  WatchHub hub;
  std::unique_ptr<eventing::Tail> tail;
};

void serve_queries(const std::shared_ptr<JourneyApi>& api, rpc::Server& server) {
  server.unary<v1::GetJourneyRequest, v1::GetJourneyResponse>(
      "loomline.tracking.v1.TrackingService.GetJourney",
      [api](const rpc::CallContext& call, const v1::GetJourneyRequest& request) {
        return api->get(call.caller.tenant, request);
      });
  server.unary<v1::ListJourneysRequest, v1::ListJourneysResponse>(
      "loomline.tracking.v1.TrackingService.ListJourneys",
      [api](const rpc::CallContext& call, const v1::ListJourneysRequest& request) {
        return api->list(call.caller.tenant, request);
      });
  server.unary<v1::CountOrdersRequest, v1::CountOrdersResponse>(
      "loomline.tracking.v1.TrackingService.CountOrders",
      [api](const rpc::CallContext& call, const v1::CountOrdersRequest&) { return api->count(call.caller.tenant); });
  server.unary<v1::RebuildJourneyRequest, v1::RebuildJourneyResponse>(
      "loomline.tracking.v1.TrackingService.RebuildJourney",
      [api](const rpc::CallContext& call, const v1::RebuildJourneyRequest& request) {
        return api->rebuild(host::options_of(call), request, [&call] { return call.cancelled(); });
      });
}

}  // namespace

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&, const host::Config& config) {
  auto& reader = runtime.reader();
  serve_queries(std::make_shared<JourneyApi>(reader, runtime), server);
  const auto watching = std::make_shared<Watching>(reader);
  const std::string progress(v1::OrderProgressed::descriptor()->full_name());
  watching->tail = eventing::tail(config.kafka, config.installation, {"loomline.tracking.progress"}, false,
                                  [hub = &watching->hub, progress](const eventing::TailedEvent& tailed) {
                                    if (tailed.type == progress && tailed.event)
                                      hub->heard(static_cast<const v1::OrderProgressed&>(*tailed.event));
                                  });
  server.server_push<v1::WatchJourneyRequest, v1::WatchJourneyResponse>(
      "loomline.tracking.v1.TrackingService.WatchJourney",
      [watching, &reader](const rpc::CallContext& call, const v1::WatchJourneyRequest& request,
                          rpc::StreamHandle<v1::WatchJourneyResponse> stream) -> Status {
        if (auto status = check_known(reader, call.caller.tenant, request.order_id()); !status.ok()) return status;
        watching->hub.watch(call.caller.tenant, request.order_id(), request.after_revision(), std::move(stream));
        return {};
      });
}

}  // namespace loomline::tracking
