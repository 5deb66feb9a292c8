// A READ COMMITTED transaction on one connection. BEGIN travels with the first statement, and commit_with() sends the
// last statements and COMMIT in one round trip.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "loomline/postgres/connection.hpp"

namespace loomline::postgres {

class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  // Rolls back what was not committed; never throws.
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  template <class... Args>
  Rows exec(std::string_view sql, const Args&... args) {
    queue(sql, args...);
    return std::move(sync().back());
  }
  // As Connection::queue and sync, inside the transaction.
  template <class... Args>
  void queue(std::string_view sql, const Args&... args) {
    const std::array<Param, sizeof...(Args)> params{Param(args)...};
    queue_params(sql, params);
  }
  void queue_params(std::string_view sql, std::span<const Param> params);
  std::vector<Rows> sync();

  // Sends what is queued and COMMIT together. A failing statement means that nothing was committed, and its error is
  // thrown. Error(in_doubt) where the session broke after COMMIT was sent: the caller must find out. With nothing done
  // in the transaction this is no round trip at all.
  std::vector<Rows> commit();
  void rollback();
  bool finished() const { return finished_; }

  Rows exec_params(std::string_view sql, std::span<const Param> params) {
    queue_params(sql, params);
    return std::move(sync().back());
  }

 private:
  void begin();

  Connection& connection_;
  bool begun_ = false;
  bool finished_ = false;
  bool begin_unanswered_ = false;  // BEGIN's own answer is not the caller's
  std::size_t queued_ = 0;
};

}  // namespace loomline::postgres
