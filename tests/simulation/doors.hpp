// What people and machines ask the services: answered by the services' own queries, over what was committed.
#pragma once

#include <memory>

#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/eventing/service.hpp"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/v1/scheduling.pb.h"

namespace loomline::simulation {

using eventing::Executor;
using eventing::Reader;

Result<configuration::v1::ValidateResponse> validate(Reader& configuration, Executor& executor,
                                                     const configuration::v1::ValidateRequest& request);
Result<scheduling::v1::QuotePromiseResponse> quote_promise(Reader& scheduling, const Executor& clock,
                                                           const scheduling::v1::QuotePromiseRequest& request);
Result<production::v1::ListWorkOrdersResponse> work_orders(Reader& scheduling, const Executor& clock,
                                                           const std::string& plant_id);
Result<production::v1::ListShipmentsResponse> shipments(Reader& scheduling, const Executor& clock,
                                                        const std::string& plant_id);
Result<quality::v1::ListInspectionsResponse> inspections(Reader& quality, const std::string& plant_id,
                                                         quality::v1::InspectionState state);

// Whom intake asks while it quotes.
struct Peers {
  Reader* configuration;
  Reader* scheduling;
};
// The whole of IntakeService.Quote: the order is read, the peers are asked, the answer is recorded through `intake`.
Result<intake::v1::QuoteResponse> quote(Reader& orders, Executor& intake, Peers peers, const std::string& key,
                                        const intake::v1::QuoteRequest& request);

}  // namespace loomline::simulation
