// The queries of TrackingService, over committed state.
#pragma once

#include <string>
#include <string_view>

#include "loomline/eventing/service.hpp"
#include "loomline/rpc/context.hpp"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::tracking::api {

inline constexpr std::string_view journey_kind = "journey";  // of the aggregates

// Thread-safe, as Reader and Executor are.
class JourneyApi {
 public:
  JourneyApi(eventing::Reader& reader, eventing::Executor& executor) : reader_(reader), executor_(executor) {}

  Result<v1::GetJourneyResponse> get(std::string_view tenant, const v1::GetJourneyRequest& request) const;
  Result<v1::ListJourneysResponse> list(std::string_view tenant, const v1::ListJourneysRequest& request) const;
  Result<v1::CountOrdersResponse> count(std::string_view tenant, const v1::CountOrdersRequest& request) const;
  // One order, or all of them one after the other, until the call is cancelled.
  Result<v1::RebuildJourneyResponse> rebuild(const rpc::CallContext& call,
                                             const v1::RebuildJourneyRequest& request) const;

 private:
  eventing::Reader& reader_;
  eventing::Executor& executor_;
};

// invalid_argument, NOT_FOUND, or ok: whether there is a journey to watch.
Status check_known(eventing::Reader& reader, std::string_view tenant, const std::string& order_id);

// The internal command behind RebuildJourney, one order a call.
inline constexpr std::string_view rebuild_method = "tracking.RebuildOne";

}  // namespace loomline::tracking::api
