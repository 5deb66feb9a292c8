// A bounded pool of connections, and the loop that runs a transaction again when the server asks for it. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "loomline/postgres/transaction.hpp"

namespace loomline::postgres {

class Pool {
 public:
  // Opens connections on demand, at most `size` at a time.
  Pool(Options options, std::size_t size);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A borrowed connection; goes back when this ends. One that is broken or still in a transaction is not reused.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    friend class Pool;
    Lease(Pool* pool, std::unique_ptr<Connection> connection) : pool_(pool), connection_(std::move(connection)) {}
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits for a free connection; Error(timeout) after `timeout`, Error(connection) where none can be opened. A session
  // that the server ended while it lay in the pool is not given out.
  Lease acquire(std::chrono::milliseconds timeout = std::chrono::milliseconds(5000));

  const Options& options() const;
  std::size_t in_use() const;
  std::size_t size() const;

 private:
  void give_back(std::unique_ptr<Connection> connection);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct RetryPolicy {
  int attempts = 8;
  std::chrono::milliseconds first_delay{2};  // doubled each time, with full jitter
  std::chrono::milliseconds longest_delay{250};
};

// Sleeps for the jittered delay before attempt number `attempt` (from 1).
void back_off(const RetryPolicy& policy, int attempt);

// Runs `work(Transaction&)` and commits, again from the start after a serialization failure, a deadlock, or a session
// lost before COMMIT. Everything else, in_doubt above all, is thrown to the caller. `work` must have no effect outside
// the transaction; where it commits by itself, that is the commit.
template <class Work>
auto retry(Pool& pool, Work&& work, const RetryPolicy& policy = {}) {
  for (int attempt = 1;; ++attempt) {
    try {
      auto lease = pool.acquire();
      Transaction transaction(*lease);
      if constexpr (std::is_void_v<std::invoke_result_t<Work&, Transaction&>>) {
        work(transaction);
        if (!transaction.finished()) transaction.commit();
        return;
      } else {
        auto result = work(transaction);
        if (!transaction.finished()) transaction.commit();
        return result;
      }
    } catch (const Error& error) {
      const bool again = error.retryable() || error.kind() == ErrorKind::connection;
      if (!again || attempt >= policy.attempts) throw;
    }
    back_off(policy, attempt);
  }
}

}  // namespace loomline::postgres
