#include "src/broker/kafka.hpp"

#include <sys/prctl.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "loomline/telemetry/log.hpp"

namespace loomline::eventing::kafka {

namespace {

void on_log(const rd_kafka_t*, int level, const char* facility, const char*) {
  // librdkafka's texts hold broker addresses; its facility code says enough, and errors come back through calls.
  if (level <= 4) telemetry::log_debug("librdkafka", {telemetry::field::id("facility", facility)});
}

// librdkafka 2.0.2 rounds the time to its next timer down to whole milliseconds: a client's main thread wakes too early,
// once a second at least, and turns in circles for the rest. With this slack the kernel wakes it when the time is up.
rd_kafka_resp_err_t on_thread(rd_kafka_t*, rd_kafka_thread_type_t type, const char*, void*) {
  constexpr unsigned long kSlackNanoseconds = 2'000'000;
  if (type == RD_KAFKA_THREAD_MAIN) prctl(PR_SET_TIMERSLACK, kSlackNanoseconds, 0, 0, 0);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}
rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void*, char*, std::size_t) {
  return rd_kafka_interceptor_add_on_thread_start(client, "slack", on_thread, nullptr);
}

}  // namespace

Config::Config(const std::string& brokers, const std::string& id) : conf_(rd_kafka_conf_new()) {
  set("bootstrap.servers", brokers);
  set("client.id", id);
  set("socket.nagle.disable", "true");
  set("reconnect.backoff.ms", "50");
  set("reconnect.backoff.max.ms", "1000");
  set("log.connection.close", "false");
  set("allow.auto.create.topics", "false");
  set("topic.metadata.refresh.interval.ms", "60000");
  rd_kafka_conf_set_log_cb(conf_, on_log);
  rd_kafka_conf_interceptor_add_on_new(conf_, "slack", on_new, nullptr);
}

Config::~Config() {
  if (conf_ != nullptr) rd_kafka_conf_destroy(conf_);
}

Config& Config::set(const char* name, const std::string& value) {
  std::array<char, 512> problem{};
  if (rd_kafka_conf_set(conf_, name, value.c_str(), problem.data(), problem.size()) != RD_KAFKA_CONF_OK) {
    throw std::runtime_error(std::string("Kafka setting ") + name + ": " + problem.data());
  }
  return *this;
}

Client Config::make(rd_kafka_type_t type) {
  std::array<char, 512> problem{};
  Client client(rd_kafka_new(type, conf_, problem.data(), problem.size()));
  if (!client) throw std::runtime_error(std::string("cannot make a Kafka client: ") + problem.data());
  conf_ = nullptr;  // the client owns it now
  return client;
}
Client Config::producer() { return make(RD_KAFKA_PRODUCER); }
Client Config::consumer() { return make(RD_KAFKA_CONSUMER); }

Partitions list_of(const std::vector<Place>& places) {
  Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& place : places) {
    rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = place.offset;
  }
  return list;
}

std::vector<Place> places_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<Place> places;
  for (int i = 0; i < list.cnt; ++i) {
    places.push_back({list.elems[i].topic, list.elems[i].partition, list.elems[i].offset});
  }
  return places;
}

namespace {

// A topic that was made a moment ago has no leader everywhere yet.
// `which`: RD_KAFKA_OFFSET_BEGINNING or RD_KAFKA_OFFSET_END, which ListOffsets takes for times.
rd_kafka_resp_err_t ask(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list, std::int64_t which, int timeout_ms) {
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = which;
  if (const auto error = rd_kafka_offsets_for_times(client, list, timeout_ms); error != 0) return error;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list->elems[i].err;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

std::vector<Place> end_offsets(rd_kafka_t* client, const std::vector<Place>& places, int timeout_ms) {
  if (places.empty()) return {};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const auto list = list_of(places);
    const auto error = ask(client, list.get(), RD_KAFKA_OFFSET_END, timeout_ms);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return places_of(*list);
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error(std::string("cannot read the ends of topics: ") + rd_kafka_err2str(error));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
}

void end_poll(rd_kafka_t* consumer) {
  const Queue queue(rd_kafka_queue_get_consumer(consumer));
  if (queue) rd_kafka_queue_yield(queue.get());
}

rd_kafka_headers_t* headers_from(const std::vector<std::pair<std::string, std::string>>& headers) {
  auto* list = rd_kafka_headers_new(headers.size());
  for (const auto& [name, value] : headers)
    rd_kafka_header_add(list, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  return list;
}

std::map<std::string, std::string, std::less<>> headers_of(const rd_kafka_message_t& message) {
  std::map<std::string, std::string, std::less<>> out;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    if (value != nullptr) out.emplace(name, std::string(static_cast<const char*>(value), size));
  }
  return out;
}

}  // namespace loomline::eventing::kafka
