#include "loomline/postgres/migrations.hpp"

#include <cctype>
#include <map>

#include "loomline/base/hash.hpp"
#include "loomline/base/planted.hpp"
#include "loomline/postgres/transaction.hpp"

namespace loomline::postgres {
namespace {

constexpr std::int64_t kLock = 0x4c4f4f4d4d494752;  // "LOOMMIGR": one migration at a time in a database

// Steps that programs before them can live with stand in a table of their own: a program from before this rule refuses
// whatever `loomline_migration` has beyond its own steps, and must start, too.
constexpr const char* kTables[] = {"loomline_migration", "loomline_addition"};

struct Landed {
  std::string name;
  std::string checksum;
  bool additive = false;
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
      "SELECT version, name, checksum, false FROM loomline_migration WHERE component = $1"
      " UNION ALL SELECT version, name, checksum, true FROM loomline_addition WHERE component = $1",
      component);
  for (const auto row : rows) out[row.get<int>(0)] = {row.get<std::string>(1), row.get<std::string>(2), row.boolean(3)};
  return out;
}

[[noreturn]] void refuse(std::string_view component, int version, const std::string& problem) {
  throw Error(ErrorKind::refused, "",
              "migration " + std::string(component) + "/" + std::to_string(version) + " " + problem);
}

// What older programs use is not taken from them: words that do so are not for an additive step, wherever they stand.
void check_additive(std::string_view component, const Migration& migration) {
  std::string words = " ";
  for (const char c : migration.sql) {
    const auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const bool letter = (upper >= 'A' && upper <= 'Z') || upper == '_';
    if (letter || words.back() != ' ') words += letter ? upper : ' ';
  }
  words += ' ';
  for (const char* taken : {" DROP ", " RENAME ", " TRUNCATE ", " OR REPLACE ", " SET NOT NULL ", " SET DATA TYPE "})
    if (words.find(taken) != std::string::npos)
      refuse(component, migration.version,
             "calls itself additive, but says" + std::string(taken) +
                 "; add beside what is there, and take the old away in a later version");
}

void check(std::string_view component, const std::map<int, Landed>& landed, std::span<const Migration> migrations) {
  int expected = 1;
  for (const auto& migration : migrations) {
    if (migration.version != expected++) refuse(component, migration.version, "is out of order in the program");
    if (is_additive(migration)) check_additive(component, migration);
    const auto found = landed.find(migration.version);
    if (found != landed.end() && found->second.checksum != sha256_hex(migration.sql)) {
      refuse(component, migration.version,
             "(" + found->second.name +
                 ") was changed after it was applied to this database; restore its text and add a new version instead");
    }
  }
  for (auto ahead = landed.lower_bound(expected); ahead != landed.end(); ++ahead)
    if (!ahead->second.additive)
      refuse(component, ahead->first,
             "(" + ahead->second.name +
                 ") is in the database but not in this program, which cannot live with it (it is not additive); run a "
                 "newer program, or restore an older database");
}

}  // namespace

bool is_additive(const Migration& migration) {
  const auto begin = migration.sql.find_first_not_of(" \n");
  return begin != std::string_view::npos && migration.sql.substr(begin).starts_with("-- additive");
}

int migrate(Connection& connection, std::string_view component, std::span<const Migration> migrations) {
  const AdvisoryLock lock(connection);
  for (const std::string table : kTables)
    connection.exec_script(
        "CREATE TABLE IF NOT EXISTS " + table +
        " (component text NOT NULL, version int NOT NULL, name text NOT NULL, checksum text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (component, version))");
  const auto landed = read_landed(connection, component);
  check(component, landed, migrations);
  int applied = 0;
  for (const auto& migration : migrations) {
    if (landed.contains(migration.version) && !planted::is(planted::Bug::migrate_twice)) continue;
    Transaction step(connection);
    step.exec_script(std::string(migration.sql));
    step.exec(std::string("INSERT INTO ") + kTables[is_additive(migration) ? 1 : 0] +
                  " (component, version, name, checksum) VALUES ($1, $2, $3, $4)",
              component, migration.version, migration.name, sha256_hex(migration.sql));
    step.commit();
    ++applied;
  }
  return applied;
}

}  // namespace loomline::postgres
