// A message of a partition, as the rules see it.
#pragma once

#include "src/broker/envelope.hpp"
#include "src/hear/inlet.hpp"
#include "tests/conformance/installation.hpp"

namespace loomline::eventing::conformance {

// Foreign bytes have no source.
inline Event event_of(const std::string& topic, int partition, const Received& message) {
  Event event;
  event.topic = topic;
  event.partition = partition;
  event.offset = message.offset;
  event.key = message.key;
  event.body = message.body;
  const auto envelope = from_headers(message.headers);
  if (!envelope.ok()) return event;
  event.source = envelope->source;
  event.epoch = envelope->epoch;
  event.seq = envelope->seq;
  event.id = envelope->id;
  event.type = envelope->type;
  event.cause = envelope->causation;
  event.time = envelope->time;
  return event;
}

}  // namespace loomline::eventing::conformance
