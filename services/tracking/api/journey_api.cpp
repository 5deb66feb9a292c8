#include "api/journey_api.hpp"

#include <map>
#include <vector>

#include "domain/journey.hpp"
#include "loomline/host/execute.hpp"
#include "loomline/wire/check.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::api {
namespace {

constexpr std::string_view kind = journey_kind;

Status check_order(const std::string& order_id) {
  wire::Checker check;
  check.id("order_id", order_id, prefix::order);
  return check.status();
}

Status unknown(const std::string& order_id) {
  return not_found("ORDER_UNKNOWN", "Nothing was heard of order " + order_id + ".");
}

// Name and value of the index that holds what is asked for.
std::pair<std::string_view, std::string> selection(const v1::ListJourneysRequest& request) {
  const bool any = request.status() == v1::JOURNEY_STATUS_UNSPECIFIED;
  if (request.late()) return {domain::index_late, any ? "late" : domain::late_value(request.status())};
  if (any) return {domain::index_all, "all"};
  return {domain::index_status, v1::JourneyStatus_Name(request.status())};
}

Result<v1::Journey> listed(eventing::Reader& reader, std::string_view tenant, const eventing::Reader::Found& found) {
  domain::State state;
  if (!state.ParseFromString(found.state)) return internal("The stored journey of " + found.key + " cannot be read.");
  if (state.old_facts_size() == 0) return domain::listed(state);
  // Of before there were parts, and nothing was said of it since.
  const auto known = reader.snapshot(tenant, kind, found.key);
  if (!known.ok()) return known.status();
  return *known == nullptr ? v1::Journey() : domain::listed(**known);
}

}  // namespace

Status check_known(eventing::Reader& reader, std::string_view tenant, const std::string& order_id) {
  if (auto status = check_order(order_id); !status.ok()) return status;
  const auto known = reader.snapshot(tenant, kind, order_id);
  if (!known.ok()) return known.status();
  return *known != nullptr && domain::begun(**known) ? Status{} : unknown(order_id);
}

Result<v1::GetJourneyResponse> JourneyApi::get(std::string_view tenant, const v1::GetJourneyRequest& request) const {
  if (auto status = check_order(request.order_id()); !status.ok()) return status;
  const auto known = reader_.snapshot(tenant, kind, request.order_id());
  if (!known.ok()) return known.status();
  if (*known == nullptr || !domain::begun(**known)) return unknown(request.order_id());
  v1::GetJourneyResponse response;
  *response.mutable_journey() = domain::journey(**known, {request.entries_before(), request.units_after()});
  return response;
}

Result<v1::ListJourneysResponse> JourneyApi::list(std::string_view tenant,
                                                  const v1::ListJourneysRequest& request) const {
  wire::Checker check;
  check.require(v1::JourneyStatus_IsValid(request.status()), "status", "is unknown", "give one of JourneyStatus");
  check.range("page.page_size", request.page().page_size(), 0, 500);
  check.id("page.page_token", request.page().page_token(), prefix::order, false);
  if (!check.ok()) return check.status();
  const int size = request.page().page_size() == 0 ? 50 : static_cast<int>(request.page().page_size());
  const auto [name, value] = selection(request);
  auto found = reader_.find(tenant, kind, name, value, request.page().page_token(), size, true);
  if (!found.ok()) return found.status();
  v1::ListJourneysResponse response;
  for (const auto& one : *found) {
    auto journey = listed(reader_, tenant, one);
    if (!journey.ok()) return journey.status();
    *response.add_journeys() = std::move(journey).value();
  }
  if (static_cast<int>(found->size()) == size) response.set_next_page_token(found->back().key);
  return response;
}

Result<v1::CountOrdersResponse> JourneyApi::count(std::string_view tenant, const v1::CountOrdersRequest&) const {
  v1::CountOrdersResponse response;
  const auto counts = reader_.counts(tenant, kind, domain::index_stage);
  if (!counts.ok()) return counts.status();
  const auto late = reader_.counts(tenant, kind, domain::index_late);
  if (!late.ok()) return late.status();
  std::vector<wire::Milestone> stages{production::v1::MILESTONE_UNSPECIFIED};
  stages.insert(stages.end(), wire::milestones().all().begin(), wire::milestones().all().end());
  for (int s = v1::JOURNEY_STATUS_WISH; s <= v1::JourneyStatus_MAX; ++s) {
    for (const auto milestone : stages) {
      const auto status = static_cast<v1::JourneyStatus>(s);
      const auto found = counts->find(domain::stage_value(status, milestone));
      if (found == counts->end()) continue;
      auto& stage = *response.add_stages();
      stage.set_status(status);
      stage.set_milestone(milestone);
      stage.set_orders(found->second);
    }
  }
  if (const auto found = late->find("late"); found != late->end()) response.set_late(found->second);
  return response;
}

Result<v1::RebuildJourneyResponse> JourneyApi::rebuild(const rpc::CallContext& call,
                                                       const v1::RebuildJourneyRequest& request) const {
  v1::RebuildJourneyResponse response;
  const auto one = [&](const std::string& order_id) -> Status {
    state::v1::RebuildRequest command;
    command.set_order_id(order_id);
    auto own = host::options_of(call);
    own.idempotency_key.clear();  // folding again is harmless
    const auto done = executor_.execute<state::v1::RebuildResponse>(rebuild_method, command, own);
    if (!done.ok()) return done.status();
    response.set_orders(response.orders() + 1);
    response.set_changed(response.changed() + (done->changed() ? 1 : 0));
    return {};
  };
  if (!request.order_id().empty()) {
    if (auto status = check_order(request.order_id()); !status.ok()) return status;
    if (auto status = one(request.order_id()); !status.ok()) return status;
    return response;
  }
  for (std::string after;;) {
    const auto found = reader_.find(call.caller.tenant, kind, domain::index_all, "all", after, 100);
    if (!found.ok()) return found.status();
    for (const auto& order : *found) {
      if (call.cancelled())
        return Status(Code::deadline_exceeded, "REBUILD_UNFINISHED",
                      "Only " + std::to_string(response.orders()) +
                          " orders were rebuilt in time: give more time, or rebuild order by order.");
      if (auto status = one(order.key); !status.ok()) return status;
    }
    if (found->size() < 100) return response;
    after = found->back().key;
  }
}

}  // namespace loomline::tracking::api
