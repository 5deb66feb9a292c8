#include "loomline/postgres/transaction.hpp"

#include <utility>

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
  connection_.queue("BEGIN ISOLATION LEVEL READ COMMITTED");
  begun_ = true;
  begin_unanswered_ = true;
}

void Transaction::queue_params(std::string_view sql, std::span<const Param> params) {
  begin();
  connection_.queue_params(sql, params);
  ++queued_;
}

std::vector<Rows> Transaction::sync() {
  queued_ = 0;
  const bool begin_in_answers = std::exchange(begin_unanswered_, false);
  auto answers = connection_.sync();
  if (begin_in_answers) answers.erase(answers.begin());
  return answers;
}

std::vector<Rows> Transaction::commit() {
  if (finished_) throw std::logic_error("the transaction is over");
  if (!begun_) {
    finished_ = true;
    return {};
  }
  connection_.queue("COMMIT");
  std::vector<Rows> answers;
  try {
    answers = sync();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::connection) throw;
    finished_ = true;
    throw Error(ErrorKind::in_doubt, error.sqlstate(), std::string("lost during COMMIT: ") + error.what());
  }
  finished_ = true;
  answers.pop_back();  // COMMIT's own
  return answers;
}

void Transaction::rollback() {
  if (finished_) return;
  finished_ = true;
  if (!begun_) return;
  if (!connection_.usable()) return;
  if (queued_ > 0 || begin_unanswered_) {
    // Statements that were queued and never synced cannot be recalled: end the session instead.
    connection_.close();
    return;
  }
  connection_.exec("ROLLBACK");
}

}  // namespace loomline::postgres
