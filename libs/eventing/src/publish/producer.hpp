// What carries events to the broker, and what it says became of them. It is replaced as a whole after a fatal error.
//
// What librdkafka calls delivered is not always in the log. When a request is refused and the next one of the same
// partition, already under way, succeeds, librdkafka concludes that the first was persisted after all and acknowledges
// it without an offset. That is right where the broker checks sequence numbers, but a broker that does not know the
// producer (a new one, or one whose messages were all deleted) accepts any number, and the first request is lost. So a
// report without an offset proves nothing, and the first message to a partition travels alone (ChainProgress).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/broker/envelope.hpp"
#include "src/broker/kafka.hpp"
#include "src/commit/commit.hpp"
#include "src/publish/chains.hpp"

namespace loomline::eventing {

// What became of a message.
struct Delivery {
  std::int64_t chain = 0, seq = 0;
  int round = 0;             // of the chain when it was sent, modulo Producer::kRounds
  std::int64_t offset = -1;  // negative: nobody knows whether it is in the log
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

class Producer {
 public:
  static constexpr int kRounds = 256;

  Producer() = default;
  virtual ~Producer() = default;
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Hands one event over. RD_KAFKA_RESP_ERR__QUEUE_FULL: later. Other errors concern this message or its topic.
  virtual rd_kafka_resp_err_t send(const Chain& chain, int round, const Committed& event) = 0;
  virtual void poll() = 0;

  // Bytes that were handed over and not yet reported on.
  virtual std::int64_t unacknowledged() const = 0;
  // Nothing more can be sent.
  virtual bool fatal() const = 0;
  // True once after a broker was lost.
  virtual bool take_disturbance() = 0;
};

// The event as it travels: `source` said it, at its place in the chain.
inline Envelope envelope_of(const std::string& source, const Chain& chain, const Committed& event) {
  Envelope envelope;
  envelope.source = source;
  envelope.epoch = chain.epoch;
  envelope.seq = event.seq;
  envelope.id = event_id(source, chain.epoch, chain.topic, chain.partition, event.seq);
  envelope.type = event.type;
  envelope.tenant = event.tenant;
  envelope.causation = event.causation;
  envelope.traceparent = event.traceparent;
  envelope.time = event.time;
  return envelope;
}

// What an event is counted as in memory: its body and what surrounds it.
inline std::int64_t weight(const Committed& event) { return static_cast<std::int64_t>(event.body.size()) + 400; }

}  // namespace loomline::eventing
