// What an operator sees of chains and may do about them.
#pragma once

#include "loomline/common/v1/system.pb.h"
#include "loomline/postgres/pool.hpp"
#include "src/engine.hpp"

namespace loomline::eventing {

// Sentences about what stands still in this process.
void add_alarms(const Engine& engine, common::v1::GetActivityResponse& activity);

// Chains that the service writes and hears; `topic` empty: all.
Result<common::v1::ListChainsResponse> list_chains(Engine& engine, postgres::Pool& pool, std::string_view topic);

// Has whichever replica publishes the chain send it again; failed_precondition OUTBOX_TRIMMED, not_found CHAIN_UNKNOWN.
Result<common::v1::ChainStatus> refill_chain(Engine& engine, postgres::Pool& pool,
                                             const common::v1::RefillChainRequest& request);

// Moves a consumer's chain past events that are lost for good, and records it. Lanes take it up within seconds.
Result<common::v1::ChainStatus> skip_chain(Engine& engine, postgres::Pool& pool,
                                           const common::v1::SkipChainRequest& request);

}  // namespace loomline::eventing
