// A session over libpqxx: what Connection and Transaction share.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/postgres/connection.hpp"
#include "src/driver.hpp"
#include "src/patience.hpp"

namespace loomline::postgres {

// Takes everything out of a result. Nothing of libpqxx is asked afterwards: its results must not be used once their
// connection is gone.
std::shared_ptr<const Answer> read(pqxx::result result);

struct Connection::Impl {
  explicit Impl(const Options& options);
  ~Impl() { drop(); }

  // The open connection; Error(connection) where it is closed or known to be lost.
  pqxx::connection& link();
  // Ends the session, in whatever state it is.
  void drop() noexcept;

  // One statement that commits by itself. `when_lost` is what it means that the session breaks while it runs.
  Rows run_alone(std::string_view sql, std::span<const Param> params, ErrorKind when_lost);
  void run_script_alone(const std::string& sql);

  void begin();
  Rows run_inside(std::string_view sql, std::span<const Param> params);
  void run_script_inside(const std::string& sql);
  void commit();
  void rollback();

  std::unique_ptr<driver::Session> session;
  std::unique_ptr<pqxx::work> work;  // the open transaction

 private:
  const std::string& prepared(pqxx::connection& open, std::string_view sql);
  // Throws what the exception in flight means; drops a session that is lost. No libpqxx object of the session may be
  // on the stack any more.
  [[noreturn]] void fail(ErrorKind when_lost);
  void end_block_of_failed_script() noexcept;

  std::unique_ptr<Patience> patience_;  // of the open session
  std::map<std::string, std::string, std::less<>> names_;  // a statement's text -> its name on the server
};

}  // namespace loomline::postgres
