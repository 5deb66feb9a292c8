#include "loomline/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <map>
#include <optional>
#include <unordered_map>

namespace loomline::postgres {
namespace {

struct Closer {
  void operator()(PGconn* conn) const { PQfinish(conn); }
};

std::string trimmed(const char* message) {
  std::string text = message != nullptr ? message : "";
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string session_settings(const Options& options) {
  const auto milliseconds = [](std::chrono::milliseconds value) { return std::to_string(value.count()); };
  std::string more;
  for (const auto& [name, value] : options.settings) more += " -c " + name + "=" + value;
  return "-c idle_in_transaction_session_timeout=" + milliseconds(options.idle_in_transaction_timeout) +
         " -c statement_timeout=" + milliseconds(options.statement_timeout) +
         " -c lock_timeout=" + milliseconds(options.lock_timeout) + " -c client_min_messages=warning" + more;
}

std::shared_ptr<const pg_result> own(PGresult* result) {
  return {result, [](const pg_result* r) { PQclear(const_cast<pg_result*>(r)); }};
}

// What a queued command is, in the order in which results come back.
struct Sent {
  bool is_prepare = false;
  std::string sql;  // the statement's text for a prepare, so that it can be remembered once the server has it
};

}  // namespace

struct Connection::Impl {
  std::unique_ptr<PGconn, Closer> conn;
  std::unordered_map<std::string, std::string> prepared;  // text -> name; includes those in flight
  std::vector<Sent> sent;
  std::size_t next_name = 0;

  [[noreturn]] void lost(const std::string& context) {
    const auto detail = trimmed(PQerrorMessage(conn.get()));
    sent.clear();
    conn.reset();
    throw Error(ErrorKind::connection, "", context + (detail.empty() ? "" : ": " + detail));
  }

  void require_open() const {
    if (!conn) throw Error(ErrorKind::connection, "", "the database session is closed");
  }

  void check(int sent_ok, const char* what) {
    if (sent_ok != 1) lost(std::string("cannot send ") + what);
  }

  // Waits until the socket is readable, sending what is buffered meanwhile (non-blocking mode: no deadlock when both
  // sides' buffers are full).
  void wait_readable() {
    for (;;) {
      const int unsent = PQflush(conn.get());
      if (unsent < 0) lost("the database session broke while sending");
      pollfd fd{PQsocket(conn.get()), static_cast<short>(POLLIN | (unsent == 1 ? POLLOUT : 0)), 0};
      if (fd.fd < 0) lost("the database session broke");
      if (poll(&fd, 1, -1) < 0 && errno != EINTR) lost("poll failed");
      if ((fd.revents & (POLLIN | POLLHUP | POLLERR)) != 0) return;
    }
  }

  PGresult* next_result() {
    while (PQisBusy(conn.get()) == 1) {
      wait_readable();
      if (PQconsumeInput(conn.get()) != 1) lost("the database session broke");
    }
    return PQgetResult(conn.get());
  }

  const std::string& prepare(std::string_view sql) {
    std::string text(sql);
    if (const auto found = prepared.find(text); found != prepared.end()) return found->second;
    const std::string name = "s" + std::to_string(next_name++);
    return prepared.emplace(std::move(text), name).first->second;
  }

  bool known(std::string_view sql) const { return prepared.contains(std::string(sql)); }
};

Connection::Connection(const Options& options) : impl_(std::make_unique<Impl>()) {
  // tcp_user_timeout and keepalives bound how long a vanished server can hold a worker.
  const std::string timeout = std::to_string(options.connect_timeout.count());
  const std::string settings = session_settings(options);
  const std::array<const char*, 11> keywords{"dbname",
                                             "connect_timeout",
                                             "options",
                                             "fallback_application_name",
                                             "application_name",
                                             "keepalives_idle",
                                             "keepalives_interval",
                                             "keepalives_count",
                                             "tcp_user_timeout",
                                             "client_encoding",
                                             nullptr};
  const std::array<const char*, 11> values{options.conninfo.c_str(),
                                           timeout.c_str(),
                                           settings.c_str(),
                                           "loomline",
                                           options.application_name.c_str(),
                                           "10",
                                           "3",
                                           "3",
                                           "15000",
                                           "UTF8",
                                           nullptr};
  impl_->conn.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
  auto* conn = impl_->conn.get();
  if (conn == nullptr || PQstatus(conn) != CONNECTION_OK) impl_->lost("cannot connect to PostgreSQL");
  PQsetNoticeReceiver(
      conn, [](void*, const PGresult*) {}, nullptr);
  if (PQsetnonblocking(conn, 1) != 0 || PQenterPipelineMode(conn) != 1) impl_->lost("cannot enter pipeline mode");
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

void Connection::queue_params(std::string_view sql, std::span<const Param> params) {
  impl_->require_open();
  auto* conn = impl_->conn.get();
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const auto& param : params) {
    types.push_back(param.oid());
    // An empty string_view may hold a null pointer, which libpq would take for NULL.
    const char* data = param.wire().data() != nullptr ? param.wire().data() : "";
    values.push_back(param.null() ? nullptr : data);
    lengths.push_back(static_cast<int>(param.wire().size()));
    // Text format ends at a NUL; binary text is the same bytes with a length, and refuses an embedded NUL by itself.
    formats.push_back(1);
  }
  std::vector<std::string> copies;  // text in text format must be NUL-terminated; see below
  copies.reserve(params.size());
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (params[i].null() || params[i].binary()) continue;
    copies.emplace_back(params[i].wire());
    if (copies.back().find('\0') != std::string::npos) {
      throw Error(ErrorKind::other, "22021", "a text parameter holds a NUL byte; pass Bytes or refuse the input");
    }
    values[i] = copies.back().c_str();
    formats[i] = 0;
  }
  const bool fresh = !impl_->known(sql);
  const std::string name = impl_->prepare(sql);
  const int count = static_cast<int>(params.size());
  if (fresh) {
    impl_->check(PQsendPrepare(conn, name.c_str(), std::string(sql).c_str(), count, types.data()), "a statement");
    impl_->sent.push_back({true, std::string(sql)});
  }
  impl_->check(PQsendQueryPrepared(conn, name.c_str(), count, values.data(), lengths.data(), formats.data(), 1),
               "parameters");
  impl_->sent.push_back({});
}

std::vector<Rows> Connection::sync() {
  impl_->require_open();
  auto* conn = impl_->conn.get();
  impl_->check(PQpipelineSync(conn), "a synchronisation point");
  std::vector<Rows> answers;
  std::optional<Error> failure;
  const auto sent = std::move(impl_->sent);
  impl_->sent.clear();
  for (const auto& command : sent) {
    std::shared_ptr<const pg_result> last;
    while (PGresult* result = impl_->next_result()) last = own(result);
    if (!last) impl_->lost("the database session broke");
    const auto status = PQresultStatus(last.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      if (!command.is_prepare) answers.emplace_back(std::move(last));
      continue;
    }
    if (command.is_prepare) impl_->prepared.erase(command.sql);
    if (status == PGRES_PIPELINE_ABORTED || failure) continue;
    const char* state = PQresultErrorField(last.get(), PG_DIAG_SQLSTATE);
    const char* constraint = PQresultErrorField(last.get(), PG_DIAG_CONSTRAINT_NAME);
    const std::string sqlstate = state != nullptr ? state : "";
    auto kind = sqlstate.empty() ? ErrorKind::connection : classify(sqlstate);
    failure.emplace(kind, sqlstate, trimmed(PQresultErrorMessage(last.get())), constraint != nullptr ? constraint : "");
    if (PQstatus(conn) == CONNECTION_BAD || kind == ErrorKind::connection) {
      close();
      throw *failure;
    }
  }
  PGresult* point = impl_->next_result();
  const bool in_step = point != nullptr && PQresultStatus(point) == PGRES_PIPELINE_SYNC;
  PQclear(point);
  if (!in_step) impl_->lost("the database session broke");
  if (failure) throw *failure;
  return answers;
}

void Connection::exec_script(const std::string& sql) {
  impl_->require_open();
  auto* conn = impl_->conn.get();
  if (PQexitPipelineMode(conn) != 1) impl_->lost("cannot leave pipeline mode");
  PQsetnonblocking(conn, 0);
  const auto result = own(PQexec(conn, sql.c_str()));
  const auto status = PQresultStatus(result.get());
  const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  const std::string sqlstate = state != nullptr ? state : "";
  const auto message = trimmed(PQresultErrorMessage(result.get()));
  if (PQstatus(conn) != CONNECTION_OK) impl_->lost("the database session broke in a script");
  if (PQtransactionStatus(conn) != PQTRANS_IDLE) PQclear(PQexec(conn, "ROLLBACK"));
  if (PQsetnonblocking(conn, 1) != 0 || PQenterPipelineMode(conn) != 1) impl_->lost("cannot enter pipeline mode");
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
    throw Error(sqlstate.empty() ? ErrorKind::other : classify(sqlstate), sqlstate, message);
  }
}

bool Connection::usable() const { return impl_ && impl_->conn && PQstatus(impl_->conn.get()) == CONNECTION_OK; }
bool Connection::idle() const {
  return usable() && impl_->sent.empty() && PQtransactionStatus(impl_->conn.get()) == PQTRANS_IDLE;
}
int Connection::backend_pid() const { return impl_->conn ? PQbackendPID(impl_->conn.get()) : 0; }
void Connection::close() {
  impl_->sent.clear();
  impl_->conn.reset();
}

namespace {

std::string quoted_value(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "'";
}

}  // namespace

std::string with_database(std::string_view conninfo, std::string_view database) {
  char* problem = nullptr;
  PQconninfoOption* options = PQconninfoParse(std::string(conninfo).c_str(), &problem);
  if (options == nullptr) {
    const std::string detail = trimmed(problem);
    PQfreemem(problem);
    throw Error(ErrorKind::other, "", "the PostgreSQL connection string is not understood: " + detail);
  }
  std::string out;
  for (const auto* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::string_view(option->keyword) == "dbname") continue;
    out += std::string(option->keyword) + "=" + quoted_value(option->val) + " ";
  }
  PQconninfoFree(options);
  return out + "dbname=" + quoted_value(database);
}

bool create_database_if_missing(const Options& admin, std::string_view database) {
  Connection connection(admin);
  if (!connection.exec("SELECT 1 FROM pg_database WHERE datname = $1", database).empty()) return false;
  std::string identifier = "\"";
  for (char c : database) identifier += c == '"' ? std::string("\"\"") : std::string(1, c);
  identifier += "\"";
  try {
    connection.exec_script("CREATE DATABASE " + identifier +
                           " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
  } catch (const Error& error) {
    // Somebody else created it at the same moment.
    if (error.sqlstate() == "42P04" || error.kind() == ErrorKind::unique_violation) return false;
    throw;
  }
  return true;
}

}  // namespace loomline::postgres
