// Where the kernel's statements run: each by itself, or all in a transaction that somebody else ends.
#pragma once

#include <span>
#include <string_view>

#include "loomline/postgres/transaction.hpp"

namespace loomline::eventing {

class Session {
 public:
  explicit Session(postgres::Connection& connection) : connection_(&connection) {}
  explicit Session(postgres::Transaction& transaction) : transaction_(&transaction) {}

  template <class... Args>
  postgres::Rows exec(std::string_view sql, const Args&... args) {
    return transaction_ != nullptr ? transaction_->exec(sql, args...) : connection_->exec(sql, args...);
  }
  // A write that must be known done or not done.
  postgres::Rows call(std::string_view sql, std::span<const postgres::Param> parameters) {
    return transaction_ != nullptr ? transaction_->exec_params(sql, parameters)
                                   : connection_->call_params(sql, parameters);
  }
  // Each call commits by itself, and one that fails may be followed by another.
  bool by_itself() const { return transaction_ == nullptr; }

 private:
  postgres::Connection* connection_ = nullptr;
  postgres::Transaction* transaction_ = nullptr;
};

}  // namespace loomline::eventing
