// What the same events cost without a kernel: raw librdkafka and one array statement a batch.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "src/broker/kafka.hpp"

namespace loomline::bench {

struct FloorSettings {
  std::string brokers, conninfo;  // of its own database, with the kernel's tables
  std::string from, to;           // topics
  int partitions = 6;
  int threads = 2;  // each has a share of the partitions, a consumer, a producer and a session
  int batch = 500;
};

// Consumes, folds by key, writes state rows, outbox rows and offset rows in one statement, produces what it wrote. It
// checks nothing: not who owns the partition, not versions, not duplicates, not gaps.
class EventsFloor {
 public:
  explicit EventsFloor(FloorSettings settings);
  ~EventsFloor();  // stops
  // Events that are in the database and on the broker.
  std::int64_t done() const { return delivered_; }
  // The first thing that went wrong, empty where nothing did.
  std::string failure() const;

 private:
  class Share;
  FloorSettings settings_;
  std::atomic<std::int64_t> delivered_{0};
  std::vector<std::unique_ptr<Share>> shares_;
};

}  // namespace loomline::bench
