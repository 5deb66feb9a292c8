// What the broker holds, and saying things to it as any client could.
#include <stdexcept>

#include "src/broker/envelope.hpp"
#include "tests/conformance/event.hpp"
#include "tests/conformance/processes.hpp"

namespace loomline::eventing::conformance {
namespace {

Event event_of(const std::string& topic, const rd_kafka_message_t& message) {
  Received received;
  received.offset = message.offset;
  received.key.assign(static_cast<const char*>(message.key), message.key_len);
  received.body.assign(static_cast<const char*>(message.payload), message.len);
  received.headers = kafka::headers_of(message);
  return conformance::event_of(topic, message.partition, received);
}

}  // namespace

kafka::Span Processes::span(const std::string& topic, int partition) {
  const auto spans = kafka::spans(client(), {{prefix_ + topic, partition}}, std::chrono::seconds(10));
  const auto found = spans.find({prefix_ + topic, partition});
  if (found == spans.end()) throw std::runtime_error("the broker does not say where " + topic + " ends");
  return found->second;
}

std::int64_t Processes::begin_offset(const std::string& topic, int partition) { return span(topic, partition).begin; }

std::vector<Event> Processes::held(const std::string& topic) {
  kafka::Config config(kafka_, "conformance");
  config.set("group.id", prefix_ + "conformance").set("enable.auto.commit", "false");
  config.set("auto.offset.reset", "earliest").set("enable.partition.eof", "true").set("fetch.wait.max.ms", "10");
  const auto consumer = config.consumer();
  std::vector<kafka::Place> places;
  for (int lane = 0; lane < kLanes; ++lane) places.push_back({prefix_ + topic, lane, RD_KAFKA_OFFSET_BEGINNING});
  rd_kafka_assign(consumer.get(), kafka::list_of(places).get());
  std::vector<Event> all;
  for (int open = kLanes, silent = 0; open > 0;) {
    const kafka::Message message(rd_kafka_consumer_poll(consumer.get(), 1000));
    if (!message && ++silent > 20) throw std::runtime_error("the broker does not say what " + topic + " holds");
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) --open;
    else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) all.push_back(event_of(topic, *message));
  }
  return all;
}

void Processes::say(const Event& event) {
  Headers headers;
  if (!event.source.empty())
    headers = to_headers(
        {event.id, event.source, event.type, "main", event.cause, "", event.time, event.epoch, event.seq});
  auto* list = kafka::headers_from(headers);
  auto key = event.key, body = event.body;
  auto* topic = rd_kafka_topic_new(client(), (prefix_ + event.topic).c_str(), nullptr);
  rd_kafka_vu_t arguments[6];
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic;
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = event.partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[2].u.mem = {key.data(), key.size()};
  arguments[3].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[3].u.mem = {body.data(), body.size()};
  arguments[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[4].u.headers = list;
  arguments[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[5].u.i = RD_KAFKA_MSG_F_COPY;
  rd_kafka_error_t* error = rd_kafka_produceva(client(), arguments, 6);
  rd_kafka_topic_destroy(topic);
  if (error != nullptr) throw std::runtime_error(rd_kafka_error_string(error));
}

}  // namespace loomline::eventing::conformance
