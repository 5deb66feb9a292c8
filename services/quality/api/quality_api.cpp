#include "api/quality_api.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include "domain/certificate.hpp"
#include "domain/stored.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::quality::api {
namespace {

constexpr int page = 200;
// Of the inspections that ask for nothing any more, the newest orders' are enough for a screen.
constexpr int newest_orders = 200;

bool selected(const v1::Inspection& inspection, const v1::ListInspectionsRequest& request) {
  const auto state =
      request.state() == v1::INSPECTION_STATE_UNSPECIFIED ? v1::INSPECTION_STATE_PENDING : request.state();
  return inspection.plant_id() == request.plant_id() && inspection.state() == state;
}

auto by_age(const v1::Inspection& inspection) {
  const auto& at = inspection.requested_at();
  return std::tuple(at.seconds(), at.nanos(), std::string_view(inspection.inspection_id()));
}

using Take = std::function<Status(const std::string& key)>;

// Every order under an index value, or only the newest.
Status each(eventing::Reader& reader, std::string_view tenant, std::string_view value, bool newest_only,
            const Take& take) {
  std::string after;
  for (;;) {
    auto found = reader.find(tenant, "order", domain::plant_index, value, after, newest_only ? newest_orders : page,
                             newest_only);
    if (!found.ok()) return found.status();
    for (const auto& one : *found)
      if (auto status = take(one.key); !status.ok()) return status;
    if (newest_only || static_cast<int>(found->size()) < page) return {};
    after = found->back().key;
  }
}

}  // namespace

Result<v1::ListInspectionsResponse> QualityApi::list_inspections(std::string_view tenant,
                                                                 const v1::ListInspectionsRequest& request) const {
  wire::Checker check;
  check.id("plant_id", request.plant_id(), prefix::plant);
  check.require(v1::InspectionState_IsValid(request.state()), "state", "is unknown",
                "give PENDING, PASSED, FAILED or CANCELLED");
  if (!check.ok()) return check.status();
  const auto state =
      request.state() == v1::INSPECTION_STATE_UNSPECIFIED ? v1::INSPECTION_STATE_PENDING : request.state();
  v1::ListInspectionsResponse response;
  std::set<std::string> seen;
  const Take take = [&](const std::string& key) -> Status {
    if (!seen.insert(key).second) return {};
    const auto order = reader_.snapshot(tenant, "order", key);
    if (!order.ok() || *order == nullptr) return order.status();
    domain::each_inspection(**order, [&](const v1::Inspection& inspection) {
      if (selected(inspection, request)) *response.add_inspections() = inspection;
    });
    return {};
  };
  if (state == v1::INSPECTION_STATE_FAILED)
    if (auto s = each(reader_, tenant, domain::plant_undecided_value(request.plant_id()), false, take); !s.ok())
      return s;
  const bool newest_only = state != v1::INSPECTION_STATE_PENDING;
  if (auto s = each(reader_, tenant, domain::plant_index_value(request.plant_id(), state), newest_only, take); !s.ok())
    return s;
  std::sort(response.mutable_inspections()->begin(), response.mutable_inspections()->end(),
            [](const v1::Inspection& a, const v1::Inspection& b) { return by_age(a) < by_age(b); });
  return response;
}

Result<v1::GetCertificateResponse> QualityApi::get_certificate(std::string_view tenant,
                                                               const v1::GetCertificateRequest& request) const {
  wire::Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  check.range("page.page_size", request.page().page_size(), 0, 500);
  check.id("page.page_token", request.page().page_token(), prefix::unit, false);
  if (!check.ok()) return check.status();
  const auto known = reader_.snapshot(tenant, "order", request.order_id());
  if (!known.ok()) return known.status();
  std::optional<v1::GetCertificateResponse> answer;
  const std::size_t size = request.page().page_size() == 0 ? 50 : request.page().page_size();
  if (*known != nullptr) {
    answer = domain::certificates(**known, request.page().page_token(), size);
    if (!answer)
      return invalid("page.page_token", "names no unit of a certificate of this order",
                     "give the token of the page before, or none for the first");
  }
  if (!answer || (answer->certificates().empty() && request.page().page_token().empty()))
    return not_found(
        "CERTIFICATE_NOT_ISSUED",
        "No certificate was issued for this order yet: one comes with each line whose units are complete.");
  return std::move(*answer);
}

}  // namespace loomline::quality::api
