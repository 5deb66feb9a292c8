#include "src/operate/reader.hpp"

#include <algorithm>
#include <utility>

#include "loomline/telemetry/log.hpp"
#include "src/commit/load.hpp"
#include "src/decide/utf8.hpp"

namespace loomline::eventing {
namespace {

Status unreadable(const std::exception& error) {
  telemetry::log_warn("a read failed", {telemetry::field::error(error)});
  return unavailable("DATABASE", "The database does not answer; try again in a few seconds.");
}

bool legal(std::string_view text) { return is_storable(text); }

}  // namespace

Result<bool> StateReader::get(std::string_view tenant, std::string_view kind, std::string_view key, Message& state) {
  state.Clear();
  if (!legal(tenant) || !legal(key)) return false;
  try {
    const auto rows = pool_.acquire()->exec(
        "SELECT state FROM key_state WHERE tenant = $1 AND kind = $2 AND key = $3 AND state IS NOT NULL", tenant, kind,
        key);
    if (rows.empty()) return false;
    const auto bytes = rows[0].bytes(0);
    if (!state.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return internal("The stored state of " + std::string(kind) + " is not readable.");
    }
    return true;
  } catch (const postgres::Error& error) {
    return unreadable(error);
  }
}

std::shared_ptr<StateReader::Followed> StateReader::followed(const KeyId& id) {
  constexpr std::size_t kMost = 1000;  // none of the many small ones is large
  const std::lock_guard lock(mutex_);
  if (followed_.size() >= kMost && !followed_.contains(id)) followed_.clear();
  auto& slot = followed_[id];
  if (!slot) slot = std::make_shared<Followed>();
  return slot;
}

Result<std::shared_ptr<const Snapshot>> StateReader::snapshot(std::string_view tenant, std::string_view kind,
                                                              std::string_view key) {
  if (!legal(tenant) || !legal(key)) return std::shared_ptr<const Snapshot>();
  const KeyId id{std::string(tenant), std::string(kind), std::string(key)};
  const auto own = own_.get(id);
  if (own && alone_()) return own;
  try {
    const auto version = [&](postgres::Connection& connection) {
      const auto rows = connection.exec("SELECT version FROM key_state WHERE tenant = $1 AND kind = $2 AND key = $3",
                                        tenant, kind, key);
      return rows.empty() ? 0 : rows[0].int64(0);
    };
    // Another replica may have executed a command on it, of which this one hears when it next writes itself.
    if (own && own->version() == version(*pool_.acquire())) return own;
    const auto place = followed(id);
    const std::lock_guard lock(place->mutex);
    auto connection = pool_.acquire();  // after the lock: who waits for that has no connection in its hand
    // A state and its parts are rows, which its writer goes on writing: they are read as of one moment. (A step needs
    // no such care: its commit compares the version that it read first.)
    postgres::Transaction moment(*connection);
    const auto one_moment = [&moment] {
      moment.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      return Session(moment);
    };
    if (!place->resident) {
      place->resident = load(one_moment(), registry_, {id}).front();
      place->snapshot = snapshot_of(*place->resident);
    } else if (version(*connection) != place->resident->version) {
      const auto before = std::exchange(place->resident, nullptr);  // where reading fails it is read anew
      refresh(one_moment(), *before);
      place->resident = before;
      place->snapshot = snapshot_of(*before);
    }
    return place->snapshot;
  } catch (const postgres::Error& error) {
    return unreadable(error);
  }
}

Result<std::vector<Reader::Found>> StateReader::find(std::string_view tenant, std::string_view kind,
                                                     std::string_view name, std::string_view value,
                                                     std::string_view after_key, int limit, bool descending) {
  std::vector<Found> found;
  if (!legal(tenant) || !legal(value) || !legal(after_key)) return found;
  const auto most = std::clamp(limit, 1, 10000);
  constexpr const char* kUp =
      "SELECT i.key, k.state FROM key_index i JOIN key_state k ON k.tenant = i.tenant AND k.kind = i.kind"
      " AND k.key = i.key WHERE i.tenant = $1 AND i.kind = $2 AND i.name = $3 AND i.value = $4 AND i.key > $5"
      " AND k.state IS NOT NULL ORDER BY i.key LIMIT $6";
  constexpr const char* kDown =
      "SELECT i.key, k.state FROM key_index i JOIN key_state k ON k.tenant = i.tenant AND k.kind = i.kind"
      " AND k.key = i.key WHERE i.tenant = $1 AND i.kind = $2 AND i.name = $3 AND i.value = $4"
      " AND ($5 = '' OR i.key < $5) AND k.state IS NOT NULL ORDER BY i.key DESC LIMIT $6";
  try {
    const auto rows = pool_.acquire()->exec(descending ? kDown : kUp, tenant, kind, name, value, after_key, most);
    for (const auto row : rows) found.push_back({row.get<std::string>(0), std::string(row.bytes(1))});
    return found;
  } catch (const postgres::Error& error) {
    return unreadable(error);
  }
}

Result<Reader::Counts> StateReader::counts(std::string_view tenant, std::string_view kind, std::string_view name) {
  Counts counts;
  if (!legal(tenant)) return counts;
  try {
    const auto rows = pool_.acquire()->exec(
        "SELECT value, count(*) FROM key_index WHERE tenant = $1 AND kind = $2 AND name = $3 GROUP BY value", tenant,
        kind, name);
    for (const auto row : rows) counts.emplace(row.get<std::string>(0), row.int64(1));
    return counts;
  } catch (const postgres::Error& error) {
    return unreadable(error);
  }
}

}  // namespace loomline::eventing
