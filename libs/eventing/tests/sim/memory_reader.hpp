// Reads what a service has committed in a simulation, as its queries do in production.
#pragma once

#include "tests/sim/memory_store.hpp"

namespace loomline::eventing::sim {

// The store outlives it. Unavailable while the store is down.
class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(const MemoryStore& store) : store_(store) {}
  Result<bool> get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) override;
  Result<std::shared_ptr<const Snapshot>> snapshot(std::string_view tenant, std::string_view kind,
                                                   std::string_view key) override;
  Result<std::vector<Found>> find(std::string_view tenant, std::string_view kind, std::string_view name,
                                  std::string_view value, std::string_view after_key, int limit,
                                  bool descending) override;
  Result<Counts> counts(std::string_view tenant, std::string_view kind, std::string_view name) override;

 private:
  const MemoryStore& store_;
  std::map<KeyId, std::shared_ptr<const Snapshot>> snapshots_;  // of the versions that were read last
};

}  // namespace loomline::eventing::sim
