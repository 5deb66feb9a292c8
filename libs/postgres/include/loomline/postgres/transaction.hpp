// A READ COMMITTED transaction on one connection: BEGIN before its first statement, COMMIT or ROLLBACK at its end, a
// round trip each. What one statement can do costs less as Connection::call.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/postgres/connection.hpp"

namespace loomline::postgres {

class Transaction {
 public:
  // `connection` must outlive this, and runs nothing else meanwhile.
  explicit Transaction(Connection& connection) : connection_(connection) {}
  // Rolls back what was not committed; never throws.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // As Connection::exec, inside the transaction. After a failure only rollback() is left.
  template <class... Args>
  Rows exec(std::string_view sql, const Args&... args) {
    const std::array<Param, sizeof...(Args)> params{Param(args)...};
    return exec_params(sql, params);
  }
  Rows exec_params(std::string_view sql, std::span<const Param> params);
  // As Connection::exec_script, inside the transaction.
  void exec_script(const std::string& sql);

  // Throws where a statement failed before: nothing was committed then. Error(in_doubt) where the session broke after
  // COMMIT was sent: the caller must find out. With nothing done in the transaction this is no round trip at all.
  void commit();
  void rollback();
  bool finished() const { return finished_; }

 private:
  void begin();

  Connection& connection_;
  bool begun_ = false;
  bool finished_ = false;
  bool failed_ = false;
};

}  // namespace loomline::postgres
