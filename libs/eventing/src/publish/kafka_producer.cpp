#include "src/publish/kafka_producer.hpp"

namespace loomline::eventing {
namespace {

// A message's opaque: chain, round and seq in one pointer-sized number.
constexpr int kSeqBits = 36, kRoundBits = 8;

void* pack(std::int64_t chain, int round, std::int64_t seq) {
  const auto both = (static_cast<std::uint64_t>(chain) << (kSeqBits + kRoundBits)) |
                    (static_cast<std::uint64_t>(round % Producer::kRounds) << kSeqBits) |
                    (static_cast<std::uint64_t>(seq) & ((std::uint64_t{1} << kSeqBits) - 1));
  return reinterpret_cast<void*>(both);
}

Delivery unpack(const void* opaque) {
  const auto both = reinterpret_cast<std::uint64_t>(opaque);
  Delivery delivery;
  delivery.chain = static_cast<std::int64_t>(both >> (kSeqBits + kRoundBits));
  delivery.round = static_cast<int>((both >> kSeqBits) % Producer::kRounds);
  delivery.seq = static_cast<std::int64_t>(both & ((std::uint64_t{1} << kSeqBits) - 1));
  return delivery;
}

}  // namespace

KafkaProducer::KafkaProducer(const std::string& brokers, std::string prefix, std::string service,
                             std::function<void()> wake, std::function<void(const Delivery&)> on_delivery)
    : prefix_(std::move(prefix)),
      service_(std::move(service)),
      wake_(std::move(wake)),
      on_delivery_(std::move(on_delivery)) {
  kafka::Config config(brokers, "loomline-" + service_);
  config.set("enable.idempotence", "true").set("acks", "all").set("message.timeout.ms", "0").set("linger.ms", "0");
  // The publisher counts what is in here in its own cap; this limit only backs it.
  config.set("queue.buffering.max.messages", "500000").set("queue.buffering.max.kbytes", "98304");
  config.set("retry.backoff.ms", "50").set("topic.metadata.refresh.interval.ms", "15000");
  rd_kafka_conf_set_dr_msg_cb(config.get(), &KafkaProducer::on_report);
  rd_kafka_conf_set_error_cb(config.get(), &KafkaProducer::on_error);
  rd_kafka_conf_set_opaque(config.get(), this);
  client_ = config.producer();
  const kafka::Queue main(rd_kafka_queue_get_main(client_.get()));
  rd_kafka_queue_cb_event_enable(
      main.get(), [](rd_kafka_t*, void* self) { static_cast<KafkaProducer*>(self)->wake_(); }, this);
}

KafkaProducer::~KafkaProducer() {
  const kafka::Queue main(rd_kafka_queue_get_main(client_.get()));
  rd_kafka_queue_cb_event_enable(main.get(), nullptr, nullptr);
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

rd_kafka_resp_err_t KafkaProducer::send(const Chain& chain, int round, const Committed& event) {
  const auto topic = prefix_ + chain.topic;
  auto* headers = kafka::headers_from(to_headers(envelope_of(service_, chain, event)));
  void* body = const_cast<char*>(event.body.data());  // copied by librdkafka, never written
// librdkafka's own macros cast in C style.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
  const auto error =
      rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(chain.partition),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
                        RD_KAFKA_V_VALUE(body, event.body.size()), RD_KAFKA_V_HEADERS(headers),
                        RD_KAFKA_V_OPAQUE(pack(chain.id, round, event.seq)), RD_KAFKA_V_END);
#pragma GCC diagnostic pop
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    unacknowledged_ += weight(event);
  } else {
    rd_kafka_headers_destroy(headers);
    if (rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) fatal_ = true;
  }
  return error;
}

void KafkaProducer::poll() { rd_kafka_poll(client_.get(), 0); }

void KafkaProducer::on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* self) {
  auto& producer = *static_cast<KafkaProducer*>(self);
  producer.unacknowledged_ -= static_cast<std::int64_t>(message->len) + 400;
  auto delivery = unpack(message->_private);
  delivery.error = message->err;
  delivery.offset = message->offset;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
      rd_kafka_fatal_error(client, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    producer.fatal_ = true;
  }
  producer.on_delivery_(delivery);
}

void KafkaProducer::on_error(rd_kafka_t*, int error, const char*, void* self) {
  auto& producer = *static_cast<KafkaProducer*>(self);
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    producer.fatal_ = true;
  } else {
    producer.disturbed_ = true;
  }
  producer.wake_();
}

}  // namespace loomline::eventing
