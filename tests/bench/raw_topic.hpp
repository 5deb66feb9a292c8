// A topic of a producer of librdkafka, without anything of the kernel's.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "src/broker/kafka.hpp"

namespace loomline::bench {

class RawTopic {
 public:
  using Header = std::pair<const char*, std::string_view>;

  // `producer` must outlive this.
  RawTopic(rd_kafka_t* producer, const std::string& name);
  // Hands a copy over; throws std::runtime_error where it is not taken.
  void send(int partition, std::string_view key, std::string_view body, std::span<const Header> headers);

 private:
  rd_kafka_t* producer_;
  std::unique_ptr<rd_kafka_topic_t, eventing::kafka::Deleter<rd_kafka_topic_destroy>> topic_;
};

}  // namespace loomline::bench
