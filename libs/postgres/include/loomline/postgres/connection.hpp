// One session with a PostgreSQL server. Not thread-safe: one thread at a time.
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
  std::string
      conninfo;  // keywords (host=db user=loomline) or a URI (postgresql://loomline@db/name), as libpq reads them
  std::string application_name = "loomline";
  std::chrono::seconds connect_timeout{5};
  // The server ends a session that idles in a transaction for longer, so that a frozen process blocks nobody for long.
  std::chrono::milliseconds idle_in_transaction_timeout{2000};
  std::chrono::milliseconds statement_timeout{30000};
  std::chrono::milliseconds lock_timeout{10000};
  // A server (or a proxy before it) that has not answered so long after statement_timeout is taken for gone: the session is
  // lost, in doubt where it committed. No limit where statement_timeout is 0. A script counts as one statement.
  std::chrono::milliseconds answer_grace{5000};
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

  // One statement that commits by itself, in one round trip. It is prepared the first time that its text is seen, which
  // is one round trip more. Not while a Transaction is open on this connection: std::logic_error.
  //
  // For reading, and for writing what may be repeated: Error(connection) where the session is lost says nothing about
  // whether a write happened.
  template <class... Args>
  Rows exec(std::string_view sql, const Args&... args) {
    const std::array<Param, sizeof...(Args)> params{Param(args)...};
    return exec_params(sql, params);
  }
  Rows exec_params(std::string_view sql, std::span<const Param> params);

  // As exec, for a write that must be known done or not done. Where the session is lost while the statement runs, it
  // may have committed: Error(in_doubt), and the caller reads the database to find out. Error(connection) means that
  // the statement was never sent.
  template <class... Args>
  Rows call(std::string_view sql, const Args&... args) {
    const std::array<Param, sizeof...(Args)> params{Param(args)...};
    return call_params(sql, params);
  }
  Rows call_params(std::string_view sql, std::span<const Param> params);

  // Several statements separated by semicolons, without parameters or rows, and without BEGIN or COMMIT: they are one
  // transaction. Not inside a Transaction, which has its own.
  void exec_script(const std::string& sql);

  // False once the session is lost; a Pool then drops it.
  bool usable() const;
  // True where the session is usable and no Transaction is open on it.
  bool idle() const;
  // Looks at the socket, without a round trip: false where the server ended the session while nobody used it.
  bool alive();
  // The server's process id of this session; 0 once it is lost.
  int backend_pid() const;
  // Ends the session. Any later use throws Error(connection).
  void close();

 private:
  friend class Transaction;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same server and role with another database name, as keywords. Error(other) where `conninfo` is not understood.
std::string with_database(std::string_view conninfo, std::string_view database);

// Creates the database, UTF-8 and C collation, unless it exists. `admin` names a role that may create databases and any
// existing database. True where it was created.
bool create_database_if_missing(const Options& admin, std::string_view database);

}  // namespace loomline::postgres
