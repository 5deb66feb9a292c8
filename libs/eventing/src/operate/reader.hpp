// Reads committed state.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "loomline/postgres/pool.hpp"
#include "src/decide/registry.hpp"
#include "src/engine.hpp"
#include "src/work/residents.hpp"

namespace loomline::eventing {

// True once every chain position in `positions` (as Publisher::positions writes them) of a topic that `registry` hears
// has been applied, or was `passed` (source_chain need not say so yet); false after `patience` or for a malformed text.
using HasPassed = std::function<bool(const std::pair<std::string, int>& place,
                                     const std::pair<std::string, std::int64_t>& chain, std::int64_t seq)>;
bool await_positions(postgres::Pool& pool, const Registry& registry, std::string_view positions,
                     std::chrono::milliseconds patience, const HasPassed& passed);

class StateReader : public Reader {
 public:
  // `alone`: no other replica of the service may write what this process works on.
  StateReader(postgres::Pool& pool, const Registry& registry, const Snapshots& own, std::function<bool()> alone)
      : pool_(pool), registry_(registry), own_(own), alone_(std::move(alone)) {}
  Result<bool> get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) override;
  Result<std::shared_ptr<const Snapshot>> snapshot(std::string_view tenant, std::string_view kind,
                                                   std::string_view key) override;
  Result<std::vector<Found>> find(std::string_view tenant, std::string_view kind, std::string_view name,
                                  std::string_view value, std::string_view after_key, int limit,
                                  bool descending) override;
  Result<Counts> counts(std::string_view tenant, std::string_view kind, std::string_view name) override;

 private:
  // An aggregate that another process works on, as it was when it was last looked at.
  struct Followed {
    std::mutex mutex;
    std::shared_ptr<Resident> resident;
    std::shared_ptr<const Snapshot> snapshot;
  };
  std::shared_ptr<Followed> followed(const KeyId& id);

  postgres::Pool& pool_;
  const Registry& registry_;
  const Snapshots& own_;
  const std::function<bool()> alone_;
  std::mutex mutex_;
  std::map<KeyId, std::shared_ptr<Followed>> followed_;
};

}  // namespace loomline::eventing
