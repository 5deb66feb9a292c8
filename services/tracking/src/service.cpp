#include "loomline/tracking/service.hpp"

#include "api/journey_api.hpp"
#include "domain/journey.hpp"
#include "src/handlers.hpp"

namespace loomline::tracking {

eventing::Service make_service() {
  eventing::Service service("tracking");
  auto journeys = service.aggregate<domain::State>("journey", prefix::order);
  domain::declare(journeys);
  hear_everything(journeys);
  journeys.timer<state::v1::WindowPassed>("window", domain::on_window_passed);
  journeys.command<state::v1::RebuildRequest, state::v1::RebuildResponse>(
      std::string(rebuild_method),
      [](const state::v1::RebuildRequest& request, const eventing::Cause&) -> Result<std::string> {
        return request.order_id();
      },
      domain::rebuild);
  return service;
}

}  // namespace loomline::tracking
