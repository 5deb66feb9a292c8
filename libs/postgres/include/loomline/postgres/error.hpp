// What the database can answer besides rows. Thrown, since nothing but the edge of a unit of work can do anything about
// it: the kernel's workers and postgres::retry catch it there.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace loomline::postgres {

// The classes that a caller treats differently; anything finer stands in the SQLSTATE.
enum class ErrorKind {
  connection,  // refused, lost or shut down before COMMIT was sent: a transaction's work was not committed
  in_doubt,    // lost after COMMIT or Connection::call was sent: it may have happened; read the database to find out
  retryable,   // 40001 serialization failure, 40P01 deadlock: run the whole transaction again
  unique_violation,  // 23505
  constraint,        // the rest of class 23
  timeout,           // 57014 cancelled by statement_timeout, 55P03 lock not available, or a pool that stayed empty
  refused,           // raised by our own SQL (class LM): an expectation of the statement did not hold
  other,             // a mistake in the SQL, a missing table, a full disk
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string sqlstate, const std::string& message)
      : std::runtime_error(message), kind_(kind), sqlstate_(std::move(sqlstate)) {}

  ErrorKind kind() const { return kind_; }
  // Five characters, or empty where the failure is not the server's.
  const std::string& sqlstate() const { return sqlstate_; }
  bool retryable() const { return kind_ == ErrorKind::retryable; }
  bool in_doubt() const { return kind_ == ErrorKind::in_doubt; }

 private:
  ErrorKind kind_;
  std::string sqlstate_;
};

ErrorKind classify(std::string_view sqlstate);
std::string_view name(ErrorKind kind);

}  // namespace loomline::postgres
