#include "loomline/postgres/connection.hpp"

#include "src/conninfo.hpp"
#include "src/session.hpp"

namespace loomline::postgres {

Connection::Connection(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Rows Connection::exec_params(std::string_view sql, std::span<const Param> params) {
  return impl_->run_alone(sql, params, ErrorKind::connection);
}

Rows Connection::call_params(std::string_view sql, std::span<const Param> params) {
  return impl_->run_alone(sql, params, ErrorKind::in_doubt);
}

void Connection::exec_script(const std::string& sql) { impl_->run_script_alone(sql); }

bool Connection::usable() const { return impl_ && impl_->session && impl_->session->link.is_open(); }
bool Connection::idle() const { return usable() && !impl_->work; }
bool Connection::alive() {
  if (!usable()) return false;
  try {
    // The first look reads the server's farewell, the second finds the end behind it.
    for (int look = 0; look < 2; ++look) impl_->session->link.get_notifs();
  } catch (const std::exception&) {
    impl_->drop();
  }
  return usable();
}
int Connection::backend_pid() const { return usable() ? impl_->session->link.backendpid() : 0; }
void Connection::close() { impl_->drop(); }

std::string with_database(std::string_view conninfo, std::string_view database) {
  auto out = Conninfo::parse(conninfo);
  out.set("dbname", database);
  return out.text();
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
