// Events that were kept because their type was unknown to the program that met them.
#pragma once

#include "loomline/postgres/pool.hpp"
#include "src/decide/registry.hpp"

namespace loomline::eventing {

// Those of types that this program hears are set aside in their keys' queues; LaneWorker::resume_aside offers them.
// Called at start and when lanes come: until then an older replica may have kept more. Throws postgres::Error.
void offer_unknown(postgres::Pool& pool, const Registry& registry);

}  // namespace loomline::eventing
