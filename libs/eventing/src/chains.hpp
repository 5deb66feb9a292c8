// The chains that a service writes, as rows and as seen on the broker.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loomline/postgres/pool.hpp"
#include "src/decide/registry.hpp"
#include "src/kafka.hpp"

namespace loomline::eventing {

struct Chain {
  std::int64_t id = 0, epoch = 1;
  std::string topic;  // without prefix
  int partition = 0;
  std::int64_t head = 0;  // the last committed seq
};

// Inserts what is missing and answers the open chains by id.
std::map<std::int64_t, Chain> open_chains(postgres::Pool& pool, const Registry& registry, int partitions);

// The last of our own events in a partition, and the partition's end.
struct TailSeen {
  std::int64_t epoch = 0, seq = 0;  // 0: none of ours among the last messages
  std::int64_t end = 0;
};
// By index of `chains`. Throws std::runtime_error where the broker does not answer.
std::vector<TailSeen> read_tails(const std::string& brokers, const std::string& prefix, const std::string& source,
                                 const std::vector<Chain>& chains);

// The database is behind the broker (restored from a backup, or made anew): closes the chain and opens one of a later
// epoch that is linked to it.
Chain start_epoch(postgres::Pool& pool, const Chain& chain, std::int64_t epoch);

}  // namespace loomline::eventing
