// librdkafka's C API with owners. Internal: rdkafka.h stays out of public headers.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loomline::eventing::kafka {

template <auto Destroy>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Destroy(pointer);
  }
};
using Client = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;

class Config {
 public:
  // What every client of ours has; `id` names it in the broker's logs.
  Config(const std::string& brokers, const std::string& id);
  ~Config();
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  Config& set(const char* name, const std::string& value);
  rd_kafka_conf_t* get() { return conf_; }
  // Both throw std::runtime_error with librdkafka's words.
  Client producer();
  Client consumer();

 private:
  Client make(rd_kafka_type_t type);
  rd_kafka_conf_t* conf_;
};

// Where a partition stands.
struct Place {
  std::string topic;
  int partition = 0;
  std::int64_t offset = 0;
};
Partitions list_of(const std::vector<Place>& places);
std::vector<Place> places_of(const rd_kafka_topic_partition_list_t& list);

// What a partition holds: the offset of its first message, and the one after its last.
struct Span {
  std::int64_t begin = 0, end = 0;
};
// By partition, in two requests a broker; without those that do not answer within `patience` (their topic is gone, or
// has no leader). A topic that is gone costs its own time, and never the answer of the others.
std::map<std::pair<std::string, int>, Span> spans(rd_kafka_t* client,
                                                  const std::vector<std::pair<std::string, int>>& places,
                                                  std::chrono::milliseconds patience);

// One client of this process for such questions to these brokers: each client of librdkafka has threads that wake by
// themselves. Lives while somebody holds it; thread-safe.
std::shared_ptr<rd_kafka_t> prober(const std::string& brokers);

// The offsets after the last message of the given partitions, in one request a broker. Throws std::runtime_error.
std::vector<Place> end_offsets(rd_kafka_t* client, const std::vector<Place>& places, int timeout_ms);

// The poll of a consumer that waits, or the next one, returns at once.
void end_poll(rd_kafka_t* consumer);

std::map<std::string, std::string, std::less<>> headers_of(const rd_kafka_message_t& message);
// The caller's, until a message takes them over.
rd_kafka_headers_t* headers_from(const std::vector<std::pair<std::string, std::string>>& headers);

// Partition counts of the named topics; -1 where one does not exist. Throws std::runtime_error without a broker.
std::map<std::string, int> partition_counts(rd_kafka_t* client, const std::vector<std::string>& topics, int timeout_ms);

struct TopicPlan {
  std::string name;
  int partitions = 1;
  std::int64_t retention_ms = -1;
};
// Creates the topics that are missing and waits until the broker knows them. Throws std::runtime_error with the remedy
// where one exists with another number of partitions.
void ensure_topics(rd_kafka_t* client, const std::vector<TopicPlan>& plans);

}  // namespace loomline::eventing::kafka
