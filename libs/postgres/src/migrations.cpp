#include "loomline/postgres/migrations.hpp"

#include <map>

#include "loomline/base/hash.hpp"
#include "loomline/postgres/transaction.hpp"

namespace loomline::postgres {
namespace {

constexpr std::int64_t kLock = 0x4c4f4f4d4d494752;  // "LOOMMIGR": one migration at a time in a database

struct Landed {
  std::string name;
  std::string checksum;
};

// Holds a session-level advisory lock; the server releases it too when the session ends.
class AdvisoryLock {
 public:
  explicit AdvisoryLock(Connection& connection) : connection_(connection) {
    // Another replica's migration may take longer than the usual limits.
    connection_.exec_script("SET lock_timeout = 0; SET statement_timeout = 0");
    connection_.exec("SELECT pg_advisory_lock($1)", kLock);
  }
  ~AdvisoryLock() {
    try {
      connection_.exec("SELECT pg_advisory_unlock($1)", kLock);
      connection_.exec_script("RESET lock_timeout; RESET statement_timeout");
    } catch (const std::exception&) {
      connection_.close();
    }
  }
  AdvisoryLock(const AdvisoryLock&) = delete;
  AdvisoryLock& operator=(const AdvisoryLock&) = delete;

 private:
  Connection& connection_;
};

std::map<int, Landed> read_landed(Connection& connection, std::string_view component) {
  std::map<int, Landed> out;
  const auto rows = connection.exec(
      "SELECT version, name, checksum FROM loomline_migration WHERE component = $1 ORDER BY version", component);
  for (const auto row : rows) out[row.get<int>(0)] = {row.get<std::string>(1), row.get<std::string>(2)};
  return out;
}

[[noreturn]] void refuse(std::string_view component, int version, const std::string& problem) {
  throw Error(ErrorKind::refused, "",
              "migration " + std::string(component) + "/" + std::to_string(version) + " " + problem);
}

void check(std::string_view component, const std::map<int, Landed>& landed, std::span<const Migration> migrations) {
  int expected = 1;
  for (const auto& migration : migrations) {
    if (migration.version != expected++) refuse(component, migration.version, "is out of order in the program");
    const auto found = landed.find(migration.version);
    if (found != landed.end() && found->second.checksum != sha256_hex(migration.sql)) {
      refuse(component, migration.version,
             "(" + found->second.name +
                 ") was changed after it was applied to this database; restore its text and add a new version instead");
    }
  }
  if (!landed.empty() && landed.rbegin()->first >= expected) {
    refuse(component, landed.rbegin()->first,
           "is in the database but not in this program; run a newer program, or restore an older database");
  }
}

}  // namespace

int migrate(Connection& connection, std::string_view component, std::span<const Migration> migrations) {
  const AdvisoryLock lock(connection);
  connection.exec_script(
      "CREATE TABLE IF NOT EXISTS loomline_migration (component text NOT NULL, version int NOT NULL, name text NOT "
      "NULL,"
      " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (component, version))");
  const auto landed = read_landed(connection, component);
  check(component, landed, migrations);
  int applied = 0;
  for (const auto& migration : migrations) {
    if (landed.contains(migration.version)) continue;
    Transaction step(connection);
    step.exec_script(std::string(migration.sql));
    step.exec("INSERT INTO loomline_migration (component, version, name, checksum) VALUES ($1, $2, $3, $4)", component,
              migration.version, migration.name, sha256_hex(migration.sql));
    step.commit();
    ++applied;
  }
  return applied;
}

}  // namespace loomline::postgres
