#include "tests/sim/memory_reader.hpp"

#include <algorithm>

#include "src/engine.hpp"

namespace loomline::eventing::sim {
namespace {

Status down() { return unavailable("DATABASE", "The database does not answer; try again in a few seconds."); }

KeyId id_of(std::string_view tenant, std::string_view kind, std::string_view key) {
  return {std::string(tenant), std::string(kind), std::string(key)};
}

}  // namespace

Result<bool> MemoryReader::get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) {
  state.Clear();
  if (store_.down) return down();
  const auto found = store_.rows.find(id_of(tenant, kind, key));
  if (found == store_.rows.end() || !found->second.state) return false;
  if (!state.ParseFromString(*found->second.state)) return internal("A stored state is not readable.");
  return true;
}

Result<std::shared_ptr<const Snapshot>> MemoryReader::snapshot(std::string_view tenant, std::string_view kind,
                                                               std::string_view key) {
  if (store_.down) return down();
  const auto id = id_of(tenant, kind, key);
  const auto found = store_.rows.find(id);
  if (found == store_.rows.end()) return std::shared_ptr<const Snapshot>();
  auto& known = snapshots_[id];
  if (!known || known->version() != found->second.version) known = snapshot_of(*store_.read(id));
  return known;
}

Result<std::vector<Reader::Found>> MemoryReader::find(std::string_view tenant, std::string_view kind,
                                                      std::string_view name, std::string_view value,
                                                      std::string_view after_key, int limit, bool descending) {
  if (store_.down) return down();
  std::vector<Found> found;
  for (const auto& [id, row] : store_.rows) {
    if (id.tenant != tenant || id.kind != kind || !row.state) continue;
    const auto index = row.indexes.find(std::string(name));
    if (index == row.indexes.end()) continue;
    if (std::find(index->second.begin(), index->second.end(), value) == index->second.end()) continue;
    if (!after_key.empty() && (descending ? id.key >= after_key : id.key <= after_key)) continue;
    found.push_back({id.key, *row.state});
  }
  if (descending) std::reverse(found.begin(), found.end());
  if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  return found;
}

Result<Reader::Counts> MemoryReader::counts(std::string_view tenant, std::string_view kind, std::string_view name) {
  if (store_.down) return down();
  Counts counts;
  for (const auto& [id, row] : store_.rows) {
    if (id.tenant != tenant || id.kind != kind || !row.state) continue;
    const auto index = row.indexes.find(std::string(name));
    if (index == row.indexes.end()) continue;
    for (const auto& value : index->second) ++counts[value];
  }
  return counts;
}

}  // namespace loomline::eventing::sim
