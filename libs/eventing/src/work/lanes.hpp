// The consuming side: a group member whose partitions are worked off by lane workers. A lane (partition number) belongs
// to one worker, with all topics of that number.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "src/batch.hpp"
#include "src/clock.hpp"
#include "src/envelope.hpp"
#include "src/kafka.hpp"
#include "src/publisher.hpp"

namespace loomline::eventing {

// What lanes, commands and operators share.
struct Engine {
  const Registry& registry;
  postgres::Pool& pool;
  Publisher& publisher;
  BusinessClock& clock;
  std::string instance, prefix;
  int partitions;
  Metrics metrics{registry.service()};
  std::atomic<std::int64_t> steps{0};
  // Counts a transaction and the steps in it.
  void count(std::int64_t applied) {
    steps += applied;
    metrics.steps.increment(static_cast<double>(applied));
    metrics.transactions.increment();
  }
  // Tells the lanes that a timer was set or that something else may be due.
  std::function<void(Time due)> on_timer = [](Time) {};
};

// A message taken from a partition and not yet applied.
struct Received {
  std::int64_t offset = 0;
  std::string key, body;
  std::map<std::string, std::string, std::less<>> headers;
};

// A partition that this process owns.
struct Part {
  std::string topic;  // without prefix
  int partition = 0;
  std::int64_t epoch = 0;                                                 // of ownership
  std::int64_t next_offset = 0;                                           // the committed position
  std::int64_t fetched = 0;                                               // the position after what is in the backlog
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> last_seq;  // (source, epoch) -> last applied
  std::deque<Received> backlog;
  kafka::Queue queue;
  bool has_more = true;  // the queue may hold messages
  // A gap that was met: how often it was rewound for, and how far it reaches.
  std::int64_t gap_at = -1;
  int gap_rewinds = 0;
};

class LaneWorker {
 public:
  LaneWorker(Engine& engine, int number);
  ~LaneWorker();
  void start();
  void stop();

  // Takes over / gives up partitions; both wait for the step that is running.
  void add(std::vector<Part> parts, rd_kafka_t* client);
  void remove(const std::set<std::pair<std::string, int>>& parts);
  // Lanes whose timers this worker fires.
  void set_timer_lanes(std::set<int> lanes);
  void timer_set(Time due);
  void wake();

  // (topic, partition) -> committed position.
  void positions(std::map<std::pair<std::string, int>, std::int64_t>& out) const;
  // Steady time of the last round, in milliseconds: the watchdog's food.
  std::int64_t last_round_ms() const { return last_round_ms_; }

 private:
  friend class LaneStep;
  void run();
  bool collect();
  bool work_events();
  bool work_timers();
  void rewind(Part& part, std::int64_t offset);
  void reclaim();
  static void on_queue(rd_kafka_t*, void* opaque);

  Engine& engine_;
  int number_;
  rd_kafka_t* client_ = nullptr;
  mutable std::mutex step_mutex_;  // held during a step; guards parts_
  std::map<std::pair<std::string, int>, Part> parts_;
  std::set<int> timer_lanes_;
  bool reclaim_ = false;
  std::atomic<std::int64_t> earliest_timer_{0};
  std::atomic<std::int64_t> last_round_ms_{0};
  std::atomic<bool> arrived_{false};
  int failures_ = 0;

  std::mutex wake_mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
  bool stop_ = false;
  std::thread thread_;
};

// Takes ownership of partitions: raises their epoch (which waits for the old owner's transaction) and reads positions.
std::vector<Part> claim(postgres::Pool& pool, const std::string& owner,
                        const std::vector<std::pair<std::string, int>>& parts);

}  // namespace loomline::eventing
