#include "src/session.hpp"

#include <stdexcept>

#include "src/conninfo.hpp"

namespace loomline::postgres {
namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// What an exception of libpqxx says. Others are not the database's and pass through.
struct Cause {
  std::string message;
  std::string sqlstate = {};
  bool lost = false;      // the session is gone
  bool in_doubt = false;  // libpqxx sent COMMIT and has no answer
};

Cause cause_in_flight() {
  try {
    throw;
  } catch (const pqxx::in_doubt_error& error) {
    return {.message = trimmed(error.what()), .in_doubt = true};
  } catch (const pqxx::transaction_rollback& error) {
    return {.message = trimmed(error.what()), .sqlstate = driver::sqlstate(error)};
  } catch (const pqxx::sql_error& error) {
    return {.message = trimmed(error.what()), .sqlstate = error.sqlstate()};
  } catch (const pqxx::broken_connection& error) {
    return {.message = trimmed(error.what()), .lost = true};
  } catch (const pqxx::failure& error) {
    return {.message = trimmed(error.what())};
  }
}

std::string conninfo_of(const Options& options) {
  auto conninfo = Conninfo::parse(options.conninfo);
  conninfo.set("connect_timeout", std::to_string(options.connect_timeout.count()));
  conninfo.set("application_name", options.application_name);
  // These bound how long a vanished server can hold a worker.
  conninfo.set("keepalives_idle", "10");
  conninfo.set("keepalives_interval", "3");
  conninfo.set("keepalives_count", "3");
  conninfo.set("tcp_user_timeout", "15000");
  conninfo.set("client_encoding", "UTF8");
  return conninfo.text();
}

// Set after connecting and not with it, so that PGTZ or PGDATESTYLE in the environment cannot change how values read.
std::string session_settings(pqxx::connection& link, const Options& options) {
  const auto milliseconds = [](std::chrono::milliseconds value) { return std::to_string(value.count()); };
  std::vector<std::pair<std::string, std::string>> settings{
      {"idle_in_transaction_session_timeout", milliseconds(options.idle_in_transaction_timeout)},
      {"statement_timeout", milliseconds(options.statement_timeout)},
      {"lock_timeout", milliseconds(options.lock_timeout)},
      {"client_min_messages", "warning"},
      {"default_transaction_isolation", "read committed"},
      {"DateStyle", "ISO"},
      {"TimeZone", "UTC"},
      {"bytea_output", "hex"},
      {"extra_float_digits", "1"}};
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  std::string sql = "SELECT ";
  for (const auto& [name, value] : settings) {
    if (sql.back() == ')') sql += ", ";
    sql += "set_config(" + link.quote(name) + ", " + link.quote(value) + ", false)";
  }
  return sql;
}

void refuse_nul(std::span<const Param> params) {
  for (const auto& param : params) {
    if (!param.null() && !param.binary() && param.wire().find('\0') != std::string_view::npos) {
      throw Error(ErrorKind::other, "22021", "a text parameter holds a NUL byte; pass Bytes or refuse the input");
    }
  }
}

std::chrono::milliseconds patience_of(const Options& options) {
  if (options.statement_timeout.count() == 0) return {};
  return options.statement_timeout + options.answer_grace;
}

}  // namespace

Connection::Impl::Impl(const Options& options) {
  const auto conninfo = conninfo_of(options);
  try {
    session = std::make_unique<driver::Session>(conninfo);
    patience_ = std::make_unique<Patience>(session->link.sock(), patience_of(options));
    const Patience::Question question(patience_.get());
    pqxx::nontransaction alone(session->link);
    alone.exec(session_settings(session->link, options));
  } catch (...) {
    patience_.reset();
    session.reset();
    throw Error(ErrorKind::connection, "", "cannot connect to PostgreSQL: " + cause_in_flight().message);
  }
}

pqxx::connection& Connection::Impl::link() {
  if (session && !session->link.is_open()) drop();
  if (!session) throw Error(ErrorKind::connection, "", "the database session is closed");
  return session->link;
}

void Connection::Impl::drop() noexcept {
  names_.clear();
  patience_.reset();
  if (!session) return;
  try {
    driver::close(session->link);  // first: the end of an open transaction then costs no round trip
  } catch (const std::exception&) {
    // It is gone either way.
  }
  work.reset();
  session.reset();
}

void Connection::Impl::fail(ErrorKind when_lost) {
  auto cause = cause_in_flight();
  const auto kind = cause.sqlstate.empty() ? ErrorKind::other : classify(cause.sqlstate);
  if (patience_ && patience_->over()) cause.message = "it has not answered for too long (" + cause.message + ")";
  const bool lost = cause.lost || cause.in_doubt || kind == ErrorKind::connection || !session->link.is_open();
  if (!lost) throw Error(kind, std::move(cause.sqlstate), std::move(cause.message));
  drop();
  const bool doubt = cause.in_doubt || when_lost == ErrorKind::in_doubt;
  throw Error(doubt ? ErrorKind::in_doubt : when_lost, std::move(cause.sqlstate),
              (doubt ? "the database session was lost while it committed: " : "the database session was lost: ") +
                  cause.message);
}

const std::string& Connection::Impl::prepared(pqxx::connection& open, std::string_view sql) {
  if (const auto found = names_.find(sql); found != names_.end()) return found->second;
  auto name = "s" + std::to_string(names_.size());
  std::string text(sql);
  driver::prepare(open, name, text);
  return names_.emplace(std::move(text), std::move(name)).first->second;
}

Rows Connection::Impl::run_alone(std::string_view sql, std::span<const Param> params, ErrorKind when_lost) {
  auto& open = link();
  if (work) throw std::logic_error("the connection is in a transaction: run the statement there");
  refuse_nul(params);
  auto lost = ErrorKind::connection;  // until the statement is sent
  try {
    const Patience::Question question(patience_.get());
    pqxx::nontransaction alone(open);
    const auto& name = prepared(open, sql);
    if (!open.is_open()) throw pqxx::broken_connection("the database session is lost");
    lost = when_lost;
    return Rows(read(driver::execute(alone, name, params)));
  } catch (...) {
    fail(lost);
  }
}

void Connection::Impl::run_script_alone(const std::string& sql) {
  auto& open = link();
  if (work) throw std::logic_error("the connection is in a transaction: run the script there");
  try {
    const Patience::Question question(patience_.get());
    pqxx::nontransaction alone(open);
    alone.exec(sql);
  } catch (...) {
    try {
      fail(ErrorKind::connection);
    } catch (const Error&) {
      if (session) end_block_of_failed_script();
      throw;
    }
  }
}

// A script that says BEGIN itself and fails behind it leaves a block in which nothing else would run.
void Connection::Impl::end_block_of_failed_script() noexcept {
  const auto run = [this](const char* sql) {
    const Patience::Question question(patience_.get());
    pqxx::nontransaction alone(session->link);
    alone.exec(sql);
  };
  try {
    try {
      run("SELECT 1");
    } catch (const pqxx::sql_error&) {
      run("ROLLBACK");
    }
  } catch (const std::exception&) {
    drop();
  }
}

void Connection::Impl::begin() {
  auto& open = link();
  if (work) throw std::logic_error("the connection is in a transaction already");
  try {
    const Patience::Question question(patience_.get());
    work = std::make_unique<pqxx::work>(open);
  } catch (...) {
    fail(ErrorKind::connection);
  }
}

Rows Connection::Impl::run_inside(std::string_view sql, std::span<const Param> params) {
  auto& open = link();
  refuse_nul(params);
  try {
    const Patience::Question question(patience_.get());
    return Rows(read(driver::execute(*work, prepared(open, sql), params)));
  } catch (...) {
    fail(ErrorKind::connection);
  }
}

void Connection::Impl::run_script_inside(const std::string& sql) {
  link();
  try {
    const Patience::Question question(patience_.get());
    work->exec(sql);
  } catch (...) {
    fail(ErrorKind::connection);
  }
}

void Connection::Impl::commit() {
  link();  // a session known to be lost before COMMIT was sent is not in doubt
  try {
    const Patience::Question question(patience_.get());
    const auto ending = std::move(work);
    ending->commit();
  } catch (...) {
    fail(ErrorKind::in_doubt);
  }
}

void Connection::Impl::rollback() {
  auto& open = link();
  try {
    const Patience::Question question(patience_.get());
    const auto ending = std::move(work);
    ending->abort();
  } catch (...) {
    fail(ErrorKind::connection);
  }
  if (!open.is_open()) drop();
}

}  // namespace loomline::postgres

#if defined(__SANITIZE_ADDRESS__) && PQXX_VERSION_MAJOR < 7
// libpqxx 6.4 forgets the last result of a session that is lost (some kB): it asks the dead connection for its encoding
// first, and throws. The leak checker would stop every test that loses a session.
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx-6.4"; }
#endif
