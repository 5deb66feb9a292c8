// Reads committed state.
#pragma once

#include <chrono>
#include <string_view>

#include "loomline/postgres/pool.hpp"
#include "src/decide/registry.hpp"

namespace loomline::eventing {

// True once every chain position in `positions` (as Publisher::positions writes them) of a topic that `registry` hears
// has been applied; false after `patience` or for a malformed text.
bool await_positions(postgres::Pool& pool, const Registry& registry, std::string_view positions,
                     std::chrono::milliseconds patience);

class StateReader : public Reader {
 public:
  explicit StateReader(postgres::Pool& pool) : pool_(pool) {}
  Result<bool> get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) override;
  Result<std::vector<Found>> find(std::string_view tenant, std::string_view kind, std::string_view name,
                                  std::string_view value, std::string_view after_key, int limit,
                                  bool descending) override;
  Result<Counts> counts(std::string_view tenant, std::string_view kind, std::string_view name) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace loomline::eventing
