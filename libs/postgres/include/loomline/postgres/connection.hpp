// One session with a PostgreSQL server, over libpq in pipeline mode. Not thread-safe: one thread at a time.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loomline/postgres/error.hpp"
#include "loomline/postgres/param.hpp"
#include "loomline/postgres/rows.hpp"

namespace loomline::postgres {

struct Options {
  std::string conninfo;  // libpq keywords or a URI
  std::string application_name = "loomline";
  std::chrono::seconds connect_timeout{5};
  // The server ends a session that idles in a transaction for longer, so that a frozen process blocks nobody for long.
  std::chrono::milliseconds idle_in_transaction_timeout{2000};
  std::chrono::milliseconds statement_timeout{30000};
  std::chrono::milliseconds lock_timeout{10000};
  // Further session settings: {"plan_cache_mode", "force_generic_plan"}.
  std::vector<std::pair<std::string, std::string>> settings = {};
};

class Connection {
 public:
  // Connects; throws Error(connection) naming host and database (never the password).
  explicit Connection(const Options& options);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  // One statement, one round trip. A statement is prepared the first time that its text is seen, in the same trip.
  template <class... Args>
  Rows exec(std::string_view sql, const Args&... args) {
    queue(sql, args...);
    return std::move(sync().back());
  }

  // Queues a statement without waiting; sync() sends a synchronisation point and answers one Rows a queued statement.
  // After a failing statement the server skips the rest up to the point, and sync() throws the first error.
  template <class... Args>
  void queue(std::string_view sql, const Args&... args) {
    const std::array<Param, sizeof...(Args)> params{Param(args)...};
    queue_params(sql, params);
  }
  void queue_params(std::string_view sql, std::span<const Param> params);
  std::vector<Rows> sync();
  Rows call_params(std::string_view sql, std::span<const Param> params) {
    queue_params(sql, params);
    return std::move(sync().back());
  }

  // Several statements separated by semicolons, without parameters or rows (migrations). Not inside a Transaction.
  void exec_script(const std::string& sql);

  // False once the session is lost; a Pool then drops it.
  bool usable() const;
  // True where the server says that no transaction is open.
  bool idle() const;
  int backend_pid() const;
  // Drops what is queued and ends the session. Any later use throws Error(connection).
  void close();

 private:
  friend class Transaction;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same server and role with another database name, as libpq keywords.
std::string with_database(std::string_view conninfo, std::string_view database);

// Creates the database, UTF-8 and C collation, unless it exists. `admin` names a role that may create databases and any
// existing database. True where it was created.
bool create_database_if_missing(const Options& admin, std::string_view database);

}  // namespace loomline::postgres
