#include "api/quality_api.hpp"

#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "domain/certificate.hpp"
#include "domain/stored.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::quality::api {
namespace {

constexpr int page = 200;
constexpr std::size_t most_inspections = 500;
constexpr std::size_t most_bytes = std::size_t{3} << 20;  // of a page: gRPC takes 4 MiB
// Of the inspections that ask for nothing any more, the newest orders' are enough for a screen.
constexpr int newest_orders = 200;

bool selected(const v1::Inspection& inspection, const v1::ListInspectionsRequest& request) {
  const auto state =
      request.state() == v1::INSPECTION_STATE_UNSPECIFIED ? v1::INSPECTION_STATE_PENDING : request.state();
  return inspection.plant_id() == request.plant_id() && inspection.state() == state;
}

// The place of an inspection in a listing: by the time it was requested, then by id.
struct Place {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  std::string id;
  auto operator<=>(const Place&) const = default;

  static Place of(const v1::Inspection& inspection) {
    const auto& at = inspection.requested_at();
    return {at.seconds(), at.nanos(), inspection.inspection_id()};
  }
  std::string token() const { return std::to_string(seconds) + "." + std::to_string(nanos) + "." + id; }
  static std::optional<Place> of_token(std::string_view token) {
    Place place;
    const auto* end = token.data() + token.size();
    const auto first = std::from_chars(token.data(), end, place.seconds);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, place.nanos);
    if (second.ec != std::errc() || second.ptr == end || *second.ptr != '.') return std::nullopt;
    place.id.assign(second.ptr + 1, end);
    return place;
  }
};

// The first of a listing after a place, however many there are.
class FirstAfter {
 public:
  FirstAfter(std::optional<Place> after, std::size_t most) : after_(std::move(after)), most_(most) {}
  void take(const v1::Inspection& inspection) {
    auto place = Place::of(inspection);
    if (after_ && place <= *after_) return;
    if (first_.size() > most_ && std::prev(first_.end())->first < place) return;
    first_.insert_or_assign(std::move(place), inspection);
    if (first_.size() > most_ + 1) first_.erase(std::prev(first_.end()));
  }
  void page(v1::ListInspectionsResponse& out) && {
    std::size_t bytes = 0;
    for (auto& [place, inspection] : first_) {
      bytes += inspection.ByteSizeLong();
      const auto count = static_cast<std::size_t>(out.inspections_size());
      if (count == most_ || (count > 0 && bytes > most_bytes)) {
        out.set_next_page_token(Place::of(*out.inspections().rbegin()).token());
        return;
      }
      *out.add_inspections() = std::move(inspection);
    }
  }

 private:
  std::optional<Place> after_;
  std::size_t most_;
  std::map<Place, v1::Inspection> first_;  // one more than fits, to know whether there is one
};

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
  check.range("page.page_size", request.page().page_size(), 0, most_inspections);
  const auto& token = request.page().page_token();
  auto after = Place::of_token(token);
  check.require(token.empty() || after, "page.page_token", "is not the token of a page",
                "give the next_page_token of the page before, or none for the first");
  if (!check.ok()) return check.status();
  const auto state =
      request.state() == v1::INSPECTION_STATE_UNSPECIFIED ? v1::INSPECTION_STATE_PENDING : request.state();
  FirstAfter first(std::move(after), request.page().page_size() == 0 ? most_inspections : request.page().page_size());
  std::set<std::string> seen;
  const Take take = [&](const std::string& key) -> Status {
    if (!seen.insert(key).second) return {};
    const auto order = reader_.snapshot(tenant, "order", key);
    if (!order.ok() || *order == nullptr) return order.status();
    domain::each_inspection(**order, [&](const v1::Inspection& inspection) {
      if (selected(inspection, request)) first.take(inspection);
    });
    return {};
  };
  if (state == v1::INSPECTION_STATE_FAILED)
    if (auto s = each(reader_, tenant, domain::plant_undecided_value(request.plant_id()), false, take); !s.ok())
      return s;
  const bool newest_only = state != v1::INSPECTION_STATE_PENDING;
  if (auto s = each(reader_, tenant, domain::plant_index_value(request.plant_id(), state), newest_only, take); !s.ok())
    return s;
  v1::ListInspectionsResponse response;
  std::move(first).page(response);
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
