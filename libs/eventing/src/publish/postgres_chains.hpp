// Chains in PostgreSQL.
#pragma once

#include "loomline/postgres/pool.hpp"
#include "src/decide/registry.hpp"
#include "src/publish/chain_store.hpp"

namespace loomline::eventing {

class PostgresChains final : public ChainStore {
 public:
  PostgresChains(postgres::Pool& pool, const Registry& registry, int partitions)
      : pool_(pool), registry_(registry), partitions_(partitions) {}

  std::map<std::int64_t, Chain> open_chains() override;
  Parting parting(std::int64_t chain, const std::vector<std::pair<std::int64_t, Time>>& said) override;
  Chain start_epoch(const Chain& chain, std::int64_t epoch, std::int64_t last) override;
  std::vector<Committed> read_outbox(std::int64_t chain, std::int64_t after) override;
  std::map<std::int64_t, std::int64_t> tail_depths(const std::vector<Chain>& chains) override;
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> recorded_holes() override;
  void record_hole(std::int64_t chain, std::int64_t first, std::int64_t last) override;
  std::vector<std::pair<std::int64_t, std::int64_t>> heads() override;
  Leases renew_leases(const std::string& instance) override;
  void give_up_leases(const std::string& instance) override;
  void note_published(const std::string& instance, const std::vector<Lease>& reached) override;
  Kept kept() override;
  void trim() override;
  void follow_growth() override;
  std::vector<std::optional<std::int64_t>> applied(const std::vector<GapMet>& gaps) override;

 private:
  postgres::Pool& pool_;
  const Registry& registry_;
  int partitions_;
};

}  // namespace loomline::eventing
