#include "src/hear/kafka_inlet.hpp"

#include <algorithm>
#include <array>

#include "loomline/telemetry/log.hpp"

namespace loomline::eventing {

namespace {

// Whoever writes a message says when; what cannot be is cut to what can.
Time time_of(const rd_kafka_message_t& message) {
  constexpr std::int64_t kYear9999 = 253'370'764'800'000;
  rd_kafka_timestamp_type_t type{};
  const auto said = rd_kafka_message_timestamp(&message, &type);
  return Time(std::chrono::milliseconds(std::clamp<std::int64_t>(said, 0, kYear9999)));
}

}  // namespace

KafkaInlet::KafkaInlet(rd_kafka_t* client, std::string topic, int partition)
    : client_(client),
      topic_(std::move(topic)),
      partition_(partition),
      queue_(rd_kafka_queue_get_partition(client, topic_.c_str(), partition)) {
  // Before assign(): librdkafka then leaves the queue alone instead of forwarding it to the group's.
  rd_kafka_queue_forward(queue_.get(), nullptr);
}

KafkaInlet::~KafkaInlet() { rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr); }

bool KafkaInlet::take(std::int64_t first, std::vector<Received>& out) {
  std::array<rd_kafka_message_t*, 256> taken{};
  const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, taken.data(), taken.size());
  for (ssize_t i = 0; i < count; ++i) {
    const kafka::Message message(taken[static_cast<std::size_t>(i)]);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset < first) continue;
    auto& received = out.emplace_back();
    received.offset = message->offset;
    received.time = time_of(*message);
    if (message->key != nullptr) received.key.assign(static_cast<const char*>(message->key), message->key_len);
    if (message->payload != nullptr) received.body.assign(static_cast<const char*>(message->payload), message->len);
    received.headers = kafka::headers_of(*message);
  }
  return count == static_cast<ssize_t>(taken.size());
}

void KafkaInlet::seek(std::int64_t offset) {
  const auto list = kafka::list_of({{topic_, partition_, offset == 0 ? RD_KAFKA_OFFSET_BEGINNING : offset}});
  if (auto* error = rd_kafka_seek_partitions(client_, list.get(), 5000); error != nullptr) {
    telemetry::log_warn("a partition could not be rewound", {telemetry::field::error(rd_kafka_error_string(error))});
    rd_kafka_error_destroy(error);
  }
}

void KafkaInlet::on_arrival(std::function<void()> call) {
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  arrived_ = std::move(call);
  if (!arrived_) return;
  rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* self) { static_cast<KafkaInlet*>(self)->arrived_(); }, this);
}

}  // namespace loomline::eventing
