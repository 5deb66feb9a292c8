// What quality is made of: its aggregate, commands and queries. What it hears stands in domain/events.cpp.
#include "loomline/quality/service.hpp"

#include <memory>

#include "api/quality_api.hpp"
#include "domain/commands.hpp"
#include "domain/events.hpp"
#include "domain/stored.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::quality {
namespace {

template <class Request>
Result<std::string> order_of(const Request& request, const eventing::Cause&) {
  wire::Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  if (!check.ok()) return check.status();
  return request.order_id();
}

}  // namespace

eventing::Service make_service() {
  using namespace v1;  // NOLINT: its requests
  eventing::Service service("quality");
  auto orders = service.aggregate<domain::State>("order", prefix::order);
  domain::declare(orders);
  domain::hear(orders);
  orders.command<RecordMeasurementsRequest, RecordMeasurementsResponse>(
      rpc::method_of<RecordMeasurementsRequest>(), order_of<RecordMeasurementsRequest>, domain::record_measurements);
  orders.command<DecideDispositionRequest, DecideDispositionResponse>(
      rpc::method_of<DecideDispositionRequest>(), order_of<DecideDispositionRequest>, domain::decide_disposition);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&, const host::Config&) {
  const auto api = std::make_shared<api::QualityApi>(runtime.reader());
  rpc::query(server, api, &api::QualityApi::list_inspections);
  rpc::query(server, api, &api::QualityApi::get_certificate);
}

}  // namespace loomline::quality
