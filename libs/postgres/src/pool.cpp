#include "loomline/postgres/pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace loomline::postgres {

struct Pool::Impl {
  Options options;
  std::size_t size;
  mutable std::mutex mutex;
  std::condition_variable freed;
  std::vector<std::unique_ptr<Connection>> idle;
  std::size_t lent = 0;
};

Pool::Pool(Options options, std::size_t size) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->size = std::max<std::size_t>(1, size);
}
Pool::~Pool() = default;

Pool::Lease Pool::acquire(std::chrono::milliseconds timeout) {
  std::unique_lock lock(impl_->mutex);
  if (!impl_->freed.wait_for(lock, timeout, [this] { return impl_->lent < impl_->size; })) {
    throw Error(ErrorKind::timeout, "",
                "all " + std::to_string(impl_->size) + " database connections are busy; raise the pool's size");
  }
  ++impl_->lent;
  std::unique_ptr<Connection> connection;
  while (!impl_->idle.empty() && !connection) {
    connection = std::move(impl_->idle.back());
    impl_->idle.pop_back();
    if (!connection->idle() || !connection->alive()) connection.reset();
  }
  if (connection) return {this, std::move(connection)};
  lock.unlock();
  try {
    return {this, std::make_unique<Connection>(impl_->options)};
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(impl_->mutex);
    --impl_->lent;
    if (connection && connection->idle()) {
      impl_->idle.push_back(std::move(connection));
    } else if (connection) {
      impl_->idle.clear();  // one broken session usually means that the server went away with all of them
    }
  }
  impl_->freed.notify_one();
}

Pool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->give_back(std::move(connection_));
}

const Options& Pool::options() const { return impl_->options; }
std::size_t Pool::size() const { return impl_->size; }
std::size_t Pool::in_use() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->lent;
}

void back_off(const RetryPolicy& policy, int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const std::chrono::microseconds doubled = policy.first_delay * (1 << std::min(attempt - 1, 16));
  const auto ceiling = std::min<std::chrono::microseconds>(policy.longest_delay, doubled);
  std::uniform_int_distribution<std::int64_t> jitter(0, ceiling.count());
  std::this_thread::sleep_for(std::chrono::microseconds(jitter(random)));
}

}  // namespace loomline::postgres
