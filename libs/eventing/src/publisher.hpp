// Carries committed events to the broker: one publisher a chain, by lease, in the order of seq. What this process
// commits is offered inline; what another replica committed, or a crash left, is fetched from the outbox.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "src/chains.hpp"
#include "src/commit/commit.hpp"
#include "src/operate/metrics.hpp"

namespace loomline::eventing {

struct PublisherOptions {
  std::string brokers, prefix, instance;
  int partitions = 12;
};

class Publisher {
 public:
  Publisher(const Registry& registry, postgres::Pool& pool, PublisherOptions options);
  ~Publisher();

  // Opens the chains, takes what leases are free and compares the topics' tails; then runs. Throws std::runtime_error
  // or postgres::Error.
  void start();
  // Publishes what it can within `patience`, writes the watermarks, gives the leases up.
  void stop(std::chrono::milliseconds patience);

  // After a commit. Thread-safe, never blocks on the broker.
  void offer(std::vector<Committed> events);

  // True where so much is unpublished that commands and polling must pause.
  bool congested() const { return backlog_ > kMostBytes; }
  // Offsets after the last acknowledged message, by (topic, partition); only of chains this process publishes.
  std::map<std::pair<std::string, int>, std::int64_t> produced() const;
  // The last acknowledged seq of the chains that this process publishes, by chain id.
  std::map<std::int64_t, std::int64_t> acknowledged() const;
  bool alone() const { return alone_; }
  // Where the events of one cause stand: "topic/partition/epoch/seq" of each chain's last, joined by ';'.
  std::string positions(const std::vector<Committed>& events, std::string_view causation) const;

 private:
  static constexpr std::int64_t kMostBytes = 64LL << 20;
  using Clock = std::chrono::steady_clock;

  struct Lane {
    Chain chain;
    bool leased = false;
    std::int64_t sent = 0, acked = 0, known = 0, end = 0;
    std::int64_t flushed = 0;  // the watermark in the database
    std::map<std::int64_t, Committed> buffer;
    Clock::time_point hole_since{};  // when the next seq was first missed
  };

  void run();
  void take_offers(std::unique_lock<std::mutex>& lock);
  bool send(Lane& lane);
  bool produce(Lane& lane, const Committed& event);
  void fill_holes();
  void fetch(Lane& lane);
  void poll_heads();
  void renew_leases();
  // `published` is what counts where the tail tells nothing (retention has emptied the topic), by chain id.
  void adopt(const std::map<std::int64_t, std::int64_t>& published);
  void reload_chains();
  void flush_watermarks();
  void observe();
  void trim();
  void make_producer();
  void rebuild();
  bool all_sent() const;
  void wake();
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);
  void delivered(const rd_kafka_message_t& message);

  const Registry& registry_;
  postgres::Pool& pool_;
  PublisherOptions options_;
  Metrics metrics_;
  kafka::Client producer_;
  std::atomic<bool> broken_{false};
  std::atomic<bool> alone_{true};
  std::atomic<std::int64_t> backlog_{0};

  mutable std::mutex mutex_;  // guards lanes_ against readers; the thread owns it while it works
  std::map<std::int64_t, Lane> lanes_;

  std::mutex inbox_mutex_;
  std::condition_variable woken_;
  std::vector<Committed> inbox_;
  bool wake_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace loomline::eventing
