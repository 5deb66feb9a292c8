#include "floor.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include "loomline/postgres/connection.hpp"
#include "loomline/postgres/transaction.hpp"
#include "own_cpu.hpp"

namespace loomline::bench {
namespace {

using Steady = std::chrono::steady_clock;

double ms_since(Steady::time_point from) {
  return std::chrono::duration<double, std::milli>(Steady::now() - from).count();
}

using Body = std::function<void(int round)>;

// One after the other.
double ms_each(int rounds, const Body& body) {
  const auto began = Steady::now();
  for (int i = 0; i < rounds; ++i) body(i);
  return ms_since(began) / rounds;
}

// With a pause before each.
double lone_cpu_ms_each(int rounds, std::chrono::milliseconds pause, const Body& body) {
  const double cpu = cpu_seconds();
  for (int i = 0; i < rounds; ++i) {
    std::this_thread::sleep_for(pause);
    body(i);
  }
  return 1e3 * (cpu_seconds() - cpu) / rounds;
}

void measure_commit(Floor& out, const std::string& conninfo, const std::string& table, int rounds,
                    std::chrono::milliseconds pause) {
  postgres::Options options;
  options.conninfo = conninfo;
  postgres::Connection connection(options);
  connection.exec_script("CREATE TABLE " + table + " (key bigint PRIMARY KEY, state text); CREATE TABLE " + table +
                         "_out (seq bigint PRIMARY KEY, body text); INSERT INTO " + table + " VALUES (1, '')");
  out.commit_ms = ms_each(rounds, [&](int i) {
    postgres::Transaction transaction(connection);
    transaction.exec("UPDATE " + table + " SET state = $1 WHERE key = 1", std::to_string(i));
    transaction.exec("INSERT INTO " + table + "_out VALUES ($1, 'body')", i);
    transaction.commit();
  });
  // The same in one round trip, as a step is.
  out.lone_commit_cpu_ms = lone_cpu_ms_each(rounds, pause, [&](int i) {
    connection.exec("WITH u AS (UPDATE " + table + " SET state = $1::text WHERE key = 1) INSERT INTO " + table +
                        "_out VALUES ($2::bigint, 'body')",
                    std::to_string(i), rounds + i);
  });
  connection.exec_script("DROP TABLE " + table + ", " + table + "_out");
}

rd_kafka_t* client(rd_kafka_type_t type, const std::map<std::string, std::string>& settings) {
  auto* conf = rd_kafka_conf_new();
  std::array<char, 512> problem{};
  for (const auto& [key, value] : settings)
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), problem.data(), problem.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(problem.data());
  auto* made = rd_kafka_new(type, conf, problem.data(), problem.size());
  if (made == nullptr) throw std::runtime_error(problem.data());
  return made;
}

void create_topic(rd_kafka_t* producer, const std::string& topic) {
  std::array<char, 512> problem{};
  auto* wanted = rd_kafka_NewTopic_new(topic.c_str(), 1, 1, problem.data(), problem.size());
  auto* queue = rd_kafka_queue_new(producer);
  rd_kafka_CreateTopics(producer, &wanted, 1, nullptr, queue);
  auto* event = rd_kafka_queue_poll(queue, 30'000);
  const bool made = event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  if (!made) throw std::runtime_error("the broker does not create topic " + topic);
}

void measure_hop(Floor& out, const std::string& brokers, const std::string& topic, int rounds,
                 std::chrono::milliseconds pause) {
  auto* producer = client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers}, {"acks", "all"}, {"linger.ms", "0"}});
  auto* consumer =
      client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers}, {"group.id", topic}, {"enable.auto.commit", "false"}});
  create_topic(producer, topic);
  const auto send = [&] {
    while (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                             RD_KAFKA_V_VALUE(const_cast<char*>("body"), 4), RD_KAFKA_V_END) != 0)
      rd_kafka_poll(producer, 10);
    rd_kafka_poll(producer, 0);
  };
  const auto receive = [&] {
    const auto give_up = Steady::now() + std::chrono::seconds(30);
    for (;;) {
      auto* message = rd_kafka_consumer_poll(consumer, 1000);
      const bool got = message != nullptr && message->err == 0;
      if (message != nullptr) rd_kafka_message_destroy(message);
      if (got) return;
      if (Steady::now() > give_up) throw std::runtime_error("the broker gives no message back");
    }
  };
  send();
  rd_kafka_flush(producer, 30'000);
  auto* parts = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(parts, topic.c_str(), 0)->offset = 0;
  rd_kafka_assign(consumer, parts);
  rd_kafka_topic_partition_list_destroy(parts);
  receive();
  const Body send_and_receive = [&](int) {
    send();
    receive();
  };
  out.hop_ms = ms_each(rounds, send_and_receive);
  out.lone_hop_cpu_ms = lone_cpu_ms_each(rounds, pause, send_and_receive);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_destroy(producer);
}

}  // namespace

Floor measure_floor(const std::string& postgres, const std::string& kafka, const std::string& name, int rounds,
                    std::chrono::milliseconds pause) {
  Floor floor;
  measure_commit(floor, postgres, name, rounds, pause);
  measure_hop(floor, kafka, name, rounds, pause);
  return floor;
}

}  // namespace loomline::bench
