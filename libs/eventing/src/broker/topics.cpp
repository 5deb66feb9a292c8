// Topics by librdkafka's admin API.
#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "src/broker/kafka.hpp"

namespace loomline::eventing::kafka {
namespace {

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;

NewTopic new_topic(const TopicPlan& plan) {
  std::array<char, 512> problem{};
  // Replication factor -1: the broker's default.
  NewTopic topic(rd_kafka_NewTopic_new(plan.name.c_str(), plan.partitions, -1, problem.data(), problem.size()));
  if (!topic) throw std::runtime_error("topic " + plan.name + ": " + problem.data());
  rd_kafka_NewTopic_set_config(topic.get(), "cleanup.policy", "delete");
  rd_kafka_NewTopic_set_config(topic.get(), "retention.ms", std::to_string(plan.retention_ms).c_str());
  rd_kafka_NewTopic_set_config(topic.get(), "retention.bytes", "-1");
  return topic;
}

void create(rd_kafka_t* client, const std::vector<TopicPlan>& plans) {
  std::vector<NewTopic> owned;
  std::vector<rd_kafka_NewTopic_t*> raw;
  for (const auto& plan : plans) {
    owned.push_back(new_topic(plan));
    raw.push_back(owned.back().get());
  }
  const Queue queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, raw.data(), raw.size(), nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>> event(
      rd_kafka_queue_poll(queue.get(), 30000));
  if (!event) throw std::runtime_error("the broker did not answer the creation of topics");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(std::string("cannot create topics: ") + rd_kafka_event_error_string(event.get()));
  }
  std::size_t count = 0;
  const auto* answers = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(answers[i]);
    // Another service or replica may create it at the same moment.
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    throw std::runtime_error(std::string("cannot create topic ") + rd_kafka_topic_result_name(answers[i]) + ": " +
                             rd_kafka_err2str(error));
  }
}

}  // namespace

std::map<std::string, int> partition_counts(rd_kafka_t* client, const std::vector<std::string>& topics,
                                            int timeout_ms) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client, 1, nullptr, &raw, timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(std::string("cannot reach Kafka: ") + rd_kafka_err2str(error));
  }
  const Metadata metadata(raw);
  std::map<std::string, int> counts;
  for (const auto& topic : topics) counts[topic] = -1;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto& topic = metadata->topics[i];
    const auto found = counts.find(topic.topic);
    if (found == counts.end() || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    // A topic that is just being made may have partitions without a leader.
    const bool led = std::all_of(topic.partitions, topic.partitions + topic.partition_cnt,
                                 [](const auto& partition) { return partition.leader >= 0; });
    if (led && topic.partition_cnt > 0) found->second = topic.partition_cnt;
  }
  return counts;
}

void ensure_topics(rd_kafka_t* client, const std::vector<TopicPlan>& plans) {
  std::vector<std::string> names;
  for (const auto& plan : plans) names.push_back(plan.name);
  bool created = false;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (;;) {
    const auto counts = partition_counts(client, names, 10000);
    std::vector<TopicPlan> missing;
    for (const auto& plan : plans) {
      const int count = counts.at(plan.name);
      if (count < 0) {
        missing.push_back(plan);
      } else if (count != plan.partitions) {
        throw std::runtime_error(
            "topic " + plan.name + " has " + std::to_string(count) + " partitions, not " +
            std::to_string(plan.partitions) +
            "; one installation has one partition count: start with the same number everywhere, or "
            "use another installation name");
      }
    }
    if (missing.empty()) return;
    if (!created) create(client, missing);
    created = true;
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("topic " + missing.front().name + " was created but has no leader yet");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
}

}  // namespace loomline::eventing::kafka
