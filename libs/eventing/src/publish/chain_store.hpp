// What a service keeps of the chains that it writes, as its publisher asks for it. PostgreSQL keeps it
// (postgres_chains.*); a simulation keeps it in memory. Calls throw postgres::Error.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/commit/commit.hpp"
#include "src/hear/gap_met.hpp"
#include "src/publish/chains.hpp"

namespace loomline::eventing {

class ChainStore {
 public:
  virtual ~ChainStore() = default;

  // Inserts what is missing and answers the open chains by id.
  virtual std::map<std::int64_t, Chain> open_chains() = 0;
  // What the broker has under a chain's numbers (each with its recorded time), beside what the outbox has under them.
  struct Parting {
    std::int64_t same = 0;   // the last number under which both have the same event; 0: there is none
    // The first after it, of those that are not known to be published, under which they have two different ones; 0:
    // there is none. What is known to be published was ours: a copy of it that differs is somebody else's.
    std::int64_t other = 0;
  };
  virtual Parting parting(std::int64_t chain, const std::vector<std::pair<std::int64_t, Time>>& said) = 0;
  // The database is behind the broker (restored from a backup, or made anew): closes the chain at `last` (or
  // where more is known to be published, there) and opens one of a later epoch that is linked to it. What was committed
  // after that, of which nobody has heard, gets the new one's numbers.
  virtual Chain start_epoch(const Chain& chain, std::int64_t epoch, std::int64_t last) = 0;
  // Events of a chain from the outbox, after `after`: at most 500, and no more than about 4 MB.
  virtual std::vector<Committed> read_outbox(std::int64_t chain, std::int64_t after) = 0;
  // How many messages back the tails of these chains may have holes: all that was committed within the last minute (a
  // broker that does not sync its disk loses what the system had not yet written, seconds), and never less than 200.
  virtual std::map<std::int64_t, std::int64_t> tail_depths(const std::vector<Chain>& chains) = 0;
  // What was recorded as lost, by chain: first to last number.
  virtual std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> recorded_holes() = 0;
  // Remembers that the broker has lost events which the outbox holds no longer.
  virtual void record_hole(std::int64_t chain, std::int64_t first, std::int64_t last) = 0;

  // The last committed seq of each open chain.
  virtual std::vector<std::pair<std::int64_t, std::int64_t>> heads() = 0;

  struct Lease {
    std::int64_t chain = 0, published = 0, end = 0;
  };
  struct Leases {
    bool alone = true;        // no other replica has been seen lately
    std::vector<Lease> held;  // its own, prolonged, and those that had run out
  };
  virtual Leases renew_leases(const std::string& instance) = 0;
  virtual void give_up_leases(const std::string& instance) = 0;
  // How far the broker has these chains; those that another replica leases by now are left.
  virtual void note_published(const std::string& instance, const std::vector<Lease>& reached) = 0;

  struct Kept {
    double waiting = 0, oldest_seconds = 0, open_letters = 0;
  };
  virtual Kept kept() = 0;
  // Deletes what is old; takes statistics of tables that have grown (statistics.hpp).
  virtual void trim() = 0;
  virtual void follow_growth() = 0;

  // By index of `gaps`: up to where the chain that misses something was applied, or passed over by an operator.
  virtual std::vector<std::optional<std::int64_t>> applied(const std::vector<GapMet>& gaps) = 0;
};

}  // namespace loomline::eventing
