// The group membership of one service: subscribes, and hands partitions to lane workers as they come and go.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "src/broker/kafka.hpp"
#include "src/work/silences.hpp"
#include "src/work/worker.hpp"

namespace loomline::eventing {

class Group {
 public:
  Group(Engine& engine, std::string brokers, std::string instance_name, int workers);
  ~Group();
  void start();
  // Stops polling, finishes the transactions that run, leaves the group.
  void stop();

  void timer_set(Time due);
  void wake_timers(Time now);
  // Of the partitions that this process owns; and whether a timer of its lanes is due.
  void positions(Positions& out) const {
    for (const auto& worker : workers_) worker->noted_positions(out);
  }
  Position position(int topic, int partition) const {
    Position at;
    for (const auto& worker : workers_) at.at_least(worker->noted_position(topic, partition));
    return at;
  }
  // A chain was heard up to `seq` without anything to do for it.
  bool has_passed(const std::pair<std::string, int>& place, const std::pair<std::string, std::int64_t>& chain,
                  std::int64_t seq) const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [&](const auto& worker) { return worker->has_passed(place, chain, seq); });
  }
  bool timer_due(Time now) const {
    return std::any_of(workers_.begin(), workers_.end(), [&](const auto& worker) { return worker->timer_due(now); });
  }
  // True once an assignment has come (or there is nothing to hear).
  bool assigned() const { return assigned_; }
  bool live(std::string* why_not) const;
  // What keeps this service from being ready, in words: a lane that does nothing, a handler that does not end.
  std::vector<StalledLane> stalled_lanes() const;
  std::vector<SlowHandler> slow_keys() const;
  bool any_slow() const;
  LaneWorker& worker_of(int lane) { return *workers_[static_cast<std::size_t>(lane) % workers_.size()]; }
  bool owns_all_lanes() const { return owned_lanes_ == engine_.partitions; }

 private:
  void subscribe();
  void stop_fetching();  // for tests
  void run();
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* parts, void* self);
  void assign(const rd_kafka_topic_partition_list_t& parts);
  void revoke();
  void watch();
  void check_topics(std::vector<Feed>& parts);
  // group_health.cpp
  bool stops_within(std::chrono::seconds time);
  std::vector<kafka::Place> with_prefix(const std::map<std::pair<std::string, int>, std::int64_t>& positions) const;
  void replace_lost_client();
  void make_anew(const std::string& why);
  void check();
  std::string check_topics(rd_kafka_t* client);
  std::string check_assigned(rd_kafka_t* client);

  Engine& engine_;
  std::string brokers_, instance_name_;
  std::mutex client_mutex_;  // of the next two, and for the one after them
  kafka::Client client_;  // changed by the polling thread, woken up by the one that stops
  std::string anew_;      // why it is to be made anew, as the checker found
  std::condition_variable stopping_;
  std::vector<std::unique_ptr<LaneWorker>> workers_;
  std::set<std::pair<std::string, int>> owned_;
  std::atomic<std::int64_t> unassigned_since_{0};  // steady milliseconds; 0: its partitions are known
  Silences silences_;  // the checker's
  std::atomic<std::int64_t> polled_ms_{0};  // steady milliseconds of the last poll; 0: nobody polls
  std::atomic<bool> assigned_{false};
  std::atomic<bool> stop_{false};
  std::atomic<int> owned_lanes_{0};
  bool workers_running_ = false;
  std::thread thread_, checker_, watchdog_;
};

}  // namespace loomline::eventing
