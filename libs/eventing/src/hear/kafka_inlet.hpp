// Messages of one partition from librdkafka: a queue of its own, without forwarding.
#pragma once

#include "src/broker/kafka.hpp"
#include "src/hear/inlet.hpp"

namespace loomline::eventing {

class KafkaInlet final : public Inlet {
 public:
  // Before the partition is assigned to the client, which outlives it. `topic` with the installation's prefix.
  KafkaInlet(rd_kafka_t* client, std::string topic, int partition);
  ~KafkaInlet() override;
  bool take(std::int64_t first, std::vector<Received>& out) override;
  void seek(std::int64_t offset) override;
  void on_arrival(std::function<void()> call) override;

 private:
  rd_kafka_t* client_;
  std::string topic_;
  int partition_;
  std::function<void()> arrived_;  // before the queue that calls it
  kafka::Queue queue_;
};

}  // namespace loomline::eventing
