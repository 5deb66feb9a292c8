#include "loomline/quality/service.hpp"

#include <memory>

#include "api/quality_api.hpp"
#include "domain/order.hpp"
#include "loomline/rpc/server.hpp"
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
  eventing::Service service("quality");
  auto orders = service.aggregate<domain::State>("order", prefix::order);
  domain::declare(orders);
  orders.on<intake::v1::OrderPlaced>(domain::on_order_placed)
      .on<intake::v1::OrderCancelled>(domain::on_order_cancelled)
      .on<scheduling::v1::LineScheduled>(domain::on_line_scheduled)
      .on<scheduling::v1::OperationProgressed>(domain::on_operation_progressed)
      .on<scheduling::v1::UnitReplaced>(domain::on_unit_replaced)
      .on<scheduling::v1::UnitCompleted>(domain::on_unit_completed);
  orders.command<v1::RecordMeasurementsRequest, v1::RecordMeasurementsResponse>(
      "loomline.quality.v1.QualityService.RecordMeasurements", order_of<v1::RecordMeasurementsRequest>,
      domain::record_measurements);
  orders.command<v1::DecideDispositionRequest, v1::DecideDispositionResponse>(
      "loomline.quality.v1.QualityService.DecideDisposition", order_of<v1::DecideDispositionRequest>,
      domain::decide_disposition);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&) {
  const auto api = std::make_shared<QualityApi>(runtime.reader());
  server.unary<v1::ListInspectionsRequest, v1::ListInspectionsResponse>(
      "loomline.quality.v1.QualityService.ListInspections",
      [api](const rpc::CallContext& call, const v1::ListInspectionsRequest& request) {
        return api->list_inspections(call.caller.tenant, request);
      });
  server.unary<v1::GetCertificateRequest, v1::GetCertificateResponse>(
      "loomline.quality.v1.QualityService.GetCertificate",
      [api](const rpc::CallContext& call, const v1::GetCertificateRequest& request) {
        return api->get_certificate(call.caller.tenant, request);
      });
}

}  // namespace loomline::quality
