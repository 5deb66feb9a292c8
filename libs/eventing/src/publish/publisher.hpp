// Carries committed events to the broker: one publisher a chain, by lease, in the order of seq. What this process
// commits is offered inline; what another replica committed, or a crash left, is fetched from the outbox.
//
// Chain positions are truth, broker offsets only hints. Wherever the two may differ (a lease that is new, a broker that
// was away, a message that got a place that was taken before, a consumer that stands before a gap) the publisher looks
// at the tail first, and sends everything again from the first number that a consumer would miss.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "loomline/eventing/positions.hpp"
#include "src/clocks.hpp"
#include "src/commit/commit.hpp"
#include "src/operate/metrics.hpp"
#include "src/publish/chain_store.hpp"
#include "src/publish/outlet.hpp"
#include "src/publish/progress.hpp"

namespace loomline::eventing {

// Somebody misses events of a chain: a consumer that stands before a gap, or an operator.
struct RefillRequest {
  std::string topic;  // without prefix
  int partition = 0;
  std::int64_t epoch = 0;
  std::int64_t first_missing = 0;  // 0: the publisher is to look by itself, as deep as it can
  std::int64_t offset = -1;        // where the asker met what comes after the gap
  bool unchecked = false;          // send again from first_missing on without looking at the tail
};

class Publisher {
 public:
  // What may wait, in memory, handed to librdkafka or in the outbox alone, before commands and polling pause.
  static constexpr std::int64_t kMostBytes = 64LL << 20;

  Publisher(const Registry& registry, ChainStore& store, Outlet& outlet, std::string instance, const Clocks& clocks);
  ~Publisher();

  // Opens the chains, takes what leases are free; then runs on a thread of its own. Throws std::runtime_error or
  // postgres::Error.
  void start();
  // The same without a thread: whoever calls this calls take_turn() as often as he likes.
  void begin();
  // What was offered and asked for is taken up, and each task that is due is done once. False: it has to wait.
  bool take_turn();
  // Publishes what it can within `patience`, writes the watermarks, gives the leases up.
  void stop(std::chrono::milliseconds patience);

  // After a commit. Thread-safe, never blocks on the broker.
  void offer(std::vector<Committed> events);

  // True where so much is unpublished that commands and polling must pause.
  bool congested() const { return backlog_ + unacknowledged_ + left_out_ > kMostBytes; }
  // The broker has everything that this process is to publish, as far as it knows.
  bool idle();
  // Takes what the broker has said up to now. Its reports wake the publisher's thread only where something waits for
  // them: whoever asks how far it is takes them itself.
  void take_reports();
  // Behind the last acknowledged message, only of chains this process publishes.
  Positions produced() const;
  // Of the chains that this process publishes, by chain id: the last seq that it knows of, and the last acknowledged.
  struct Reach {
    std::int64_t known = 0, acknowledged = 0;
  };
  std::map<std::int64_t, Reach> reaches() const;
  // Events that were offered and are not yet among what reaches() knows.
  std::int64_t untaken() const { return untaken_; }
  bool alone() const { return alone_; }
  // Where the events of one cause stand: "topic/partition/epoch/seq" of each chain's last, joined by ';'.
  std::string positions(const std::vector<Committed>& events, std::string_view causation) const;

  // The chains that stand still, by the rule of stall.hpp: what an operator reads, by chain id. Thread-safe, whatever
  // the publisher's own thread is doing.
  std::map<std::int64_t, std::string> stalled_chains() const;
  // Set where its thread has been at one task for long.
  std::optional<std::string> silent() const;

  // Thread-safe. A chain that another replica publishes is left to it.
  void refill(RefillRequest request);

 private:
  using Clock = ChainProgress::Clock;

  // The thread.
  void run();
  void turn();
  void take_offers(std::vector<Committed> events);
  void take_requests(std::vector<RefillRequest> requests);

  // Sending.
  void make_producer();
  void rebuild();
  void reported();
  bool waits_for_reports() const;
  void delivered(const Delivery& delivery);
  void delivered(ChainProgress& progress, const Delivery& delivery);
  bool send(ChainProgress& progress);
  void send_all();
  bool missing(ChainProgress& progress, Clock::time_point now);
  void fetch(std::int64_t chain);
  void drop_buffer(ChainProgress& progress);

  // Leases, heads, watermarks.
  void reload_chains();
  void poll_heads();
  void renew_leases();
  void lease(std::int64_t chain, std::int64_t published, std::int64_t end);
  void flush_watermarks();
  void observe();
  void report_stalls();

  // Tails.
  void check_ends();
  void look_at_tails();
  void settle(Chain chain, const TailSeen& tail);
  std::int64_t watermark(std::int64_t chain) const;
  bool look_deeper(std::int64_t chain);

  void note_sent();
  bool at_rest() const;
  void wake();

  const Registry& registry_;
  ChainStore& store_;
  Outlet& outlet_;
  std::string instance_;
  const Clocks& clocks_;
  Metrics metrics_;
  std::mutex producer_mutex_;  // guards polling it, and its replacement; before mutex_
  std::unique_ptr<Producer> producer_;
  std::atomic<bool> reported_{false}, waits_for_reports_{true};
  std::atomic<bool> all_sent_{false};  // as of the last note_sent()
  std::atomic<bool> alone_{true};
  std::atomic<std::int64_t> last_turn_ms_{0};  // steady
  // Bytes in buffers and inbox, bytes handed to librdkafka, and bytes that were left to the outbox.
  std::atomic<std::int64_t> backlog_{0}, unacknowledged_{0}, left_out_{0};

  mutable std::mutex mutex_;  // guards chains_ against readers; the thread owns it while it works
  std::map<std::int64_t, ChainProgress> chains_;

  // When each regular task is next due; only the thread's.
  struct Due {
    Clock::time_point heads, leases, watermarks, ends, stalls, observe, statistics, trim;
    // What sessions wrote, the server counts up to ten seconds later.
    Clock::time_point statistics_again = Clock::time_point::max();
  } due_{};
  std::int64_t written_ = 0;  // events since it was last looked whether tables have grown; only the thread's
  std::map<std::int64_t, Clock::time_point> refilled_;  // when a request was last served

  mutable std::mutex inbox_mutex_;
  std::condition_variable woken_;
  std::vector<Committed> inbox_;
  std::atomic<std::int64_t> untaken_{0};  // offered, and not yet among what the chains know
  std::vector<RefillRequest> requests_;
  bool wake_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace loomline::eventing
