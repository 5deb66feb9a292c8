// The chains that a service writes, as rows.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loomline/postgres/pool.hpp"
#include "src/commit/commit.hpp"
#include "src/decide/registry.hpp"

namespace loomline::eventing {

struct Chain {
  std::int64_t id = 0, epoch = 1;
  std::string topic;  // without prefix
  int partition = 0;
  std::int64_t head = 0;  // the last committed seq
  int topic_number = 0;
};

// Inserts what is missing and answers the open chains by id.
std::map<std::int64_t, Chain> open_chains(postgres::Pool& pool, const Registry& registry, int partitions);

// The database is behind the broker (restored from a backup, or made anew): closes the chain and opens one of a later
// epoch that is linked to it.
Chain start_epoch(postgres::Pool& pool, const Chain& chain, std::int64_t epoch);

// Events of a chain from the outbox, after `after`: at most 500, and no more than about 4 MB.
std::vector<Committed> read_outbox(postgres::Pool& pool, std::int64_t chain, std::int64_t after);

// How many messages back the tails of these chains may have holes: all that was committed within the last minute (a
// broker that does not sync its disk loses what the system had not yet written, seconds), and never less than 200.
std::map<std::int64_t, std::int64_t> tail_depths(postgres::Pool& pool, const std::vector<Chain>& chains);

// What was recorded as lost, by chain: first to last number.
std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> recorded_holes(postgres::Pool& pool);

// Remembers that the broker has lost events which the outbox holds no longer.
void record_hole(postgres::Pool& pool, std::int64_t chain, std::int64_t first, std::int64_t last);

}  // namespace loomline::eventing
