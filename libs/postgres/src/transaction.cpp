#include "loomline/postgres/transaction.hpp"

#include <stdexcept>
#include <utility>

#include "src/session.hpp"

namespace loomline::postgres {

Transaction::~Transaction() {
  if (!begun_ || finished_) return;
  try {
    rollback();
  } catch (const std::exception&) {
    connection_.close();  // the server rolls back when the session ends
  }
}

void Transaction::begin() {
  if (finished_) throw std::logic_error("the transaction is over");
  if (begun_) return;
  connection_.impl_->begin();
  begun_ = true;
}

Rows Transaction::exec_params(std::string_view sql, std::span<const Param> params) {
  begin();
  try {
    return connection_.impl_->run_inside(sql, params);
  } catch (...) {
    failed_ = true;
    throw;
  }
}

void Transaction::exec_script(const std::string& sql) {
  begin();
  try {
    connection_.impl_->run_script_inside(sql);
  } catch (...) {
    failed_ = true;
    throw;
  }
}

void Transaction::commit() {
  if (finished_) throw std::logic_error("the transaction is over");
  // The server would answer COMMIT with a rollback, which libpqxx takes for success.
  if (failed_) throw Error(ErrorKind::other, "25P02", "a statement of the transaction failed: nothing is committed");
  finished_ = true;
  if (begun_) connection_.impl_->commit();
}

void Transaction::rollback() {
  if (finished_) return;
  finished_ = true;
  if (begun_ && connection_.usable()) connection_.impl_->rollback();
}

}  // namespace loomline::postgres
