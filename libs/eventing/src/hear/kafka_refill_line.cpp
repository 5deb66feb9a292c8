#include "src/hear/kafka_refill_line.hpp"

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/common/v1/system.pb.h"
#include "src/broker/envelope.hpp"

namespace loomline::eventing {

using common::v1::ChainRefillAsked;

void KafkaRefillLine::start(std::function<void(const ChainRefillAsked&)> on_asked) {
  tail_ = SharedTail::subscribe(SharedTail::of(brokers_, prefix_, GapDesk::topic),
                                [on_asked = std::move(on_asked)](const TailedEvent& event) {
                                  if (const auto* asked = dynamic_cast<const ChainRefillAsked*>(event.event.get()))
                                    on_asked(*asked);
                                });
}

bool KafkaRefillLine::ask(const ChainRefillAsked& asked) {
  Envelope envelope;
  envelope.source = service_;
  envelope.epoch = envelope.seq = 1;  // it belongs to no chain
  envelope.id = asked.chain_id() + "/" + random_hex128();
  envelope.type = ChainRefillAsked::descriptor()->full_name();
  envelope.tenant = "main";
  envelope.time = wall_now();
  auto* headers = kafka::headers_from(to_headers(envelope));
  const auto body = asked.SerializeAsString();
  const std::lock_guard lock(client_mutex_);
  if (!client_) {
    kafka::Config config(brokers_, "loomline-gaps");
    config.set("acks", "all").set("message.timeout.ms", "5000");
    client_ = config.producer();
  }
  const auto name = prefix_ + GapDesk::topic;
  const int partition = lane_of(asked.chain_id(), partitions_);
// librdkafka's own macros cast in C style.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
  const auto error = rd_kafka_producev(
      client_.get(), RD_KAFKA_V_TOPIC(name.c_str()), RD_KAFKA_V_PARTITION(partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(asked.chain_id().data(), asked.chain_id().size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(body.data()), body.size()), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
#pragma GCC diagnostic pop
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_headers_destroy(headers);
    return false;
  }
  return rd_kafka_flush(client_.get(), 5000) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace loomline::eventing
