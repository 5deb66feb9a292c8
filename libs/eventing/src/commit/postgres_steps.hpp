// Steps in PostgreSQL.
#pragma once

#include "loomline/postgres/pool.hpp"
#include "src/commit/step_store.hpp"
#include "src/decide/registry.hpp"

namespace loomline::eventing {

class PostgresSteps final : public StepStore {
 public:
  PostgresSteps(postgres::Pool& pool, const Registry& registry) : pool_(pool), registry_(registry) {}

  std::unique_ptr<StepSession> open(const std::set<KeyId>* lock) override;
  std::vector<Feed> claim(const std::string& owner, const std::vector<std::pair<std::string, int>>& places) override;
  bool reset_position(const std::string& topic, int partition, std::int64_t epoch, std::int64_t expected,
                      std::int64_t to) override;
  std::vector<DueTimer> due_timers(const std::set<int>& lanes, Time now, std::size_t most) override;
  std::optional<Time> next_timer(const std::set<int>& lanes) override;
  void offer_unknown() override;
  std::vector<SetAside> set_aside() override;

 private:
  postgres::Pool& pool_;
  const Registry& registry_;
};

}  // namespace loomline::eventing
