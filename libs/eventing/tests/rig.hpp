// A private installation on the real servers: databases and topics with a prefix of their own, dropped afterwards.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/postgres/connection.hpp"
#include "src/broker/envelope.hpp"
#include "src/faults.hpp"
#include "src/broker/kafka.hpp"
#include "tests/boxes.hpp"

namespace loomline::eventing {

using namespace boxes;  // NOLINT: test vocabulary

inline FillRequest fill(const std::string& box, std::int64_t amount, const std::string& tag = "t") {
  FillRequest request;
  request.set_box_id(box);
  request.set_amount(amount);
  request.set_tag(tag);
  return request;
}

class RigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* postgres = std::getenv("LOOMLINE_POSTGRES");
    const char* kafka = std::getenv("LOOMLINE_KAFKA");
    if (postgres == nullptr || kafka == nullptr) {
      GTEST_SKIP() << "set LOOMLINE_POSTGRES (conninfo) and LOOMLINE_KAFKA (bootstrap servers)";
    }
    testing::use_catalog(kCatalog);
    options_.postgres = postgres;
    options_.kafka = kafka;
    options_.installation = "kt" + random_hex128().substr(0, 10) + "_";
    options_.partitions = 4;
  }

  void TearDown() override {
    if (options_.installation.empty()) return;
    drop_databases();
    delete_topics();
  }

  void drop_databases() const {
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection connection(admin);
    for (const char* service : {"alpha", "beta"}) {
      connection.exec_script("DROP DATABASE IF EXISTS " + options_.installation + service + " WITH (FORCE)");
    }
  }

  std::unique_ptr<Runtime> start(Service service, const std::string& instance = "") {
    auto options = options_;
    options.instance = instance;
    auto runtime = Runtime::start(std::move(service), options);
    if (!runtime.ok()) throw std::runtime_error(runtime.status().to_string());
    return std::move(runtime).value();
  }

  static bool eventually(const std::function<bool()>& what, int seconds = 20) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < deadline) {
      if (what()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return what();
  }

  static BoxState state_of(Runtime& runtime, const std::string& kind, const std::string& key) {
    BoxState state;
    (void)runtime.reader().get("main", kind, key, state);
    return state;
  }

  postgres::Connection database(const std::string& service) const {
    postgres::Options options;
    options.conninfo = postgres::with_database(options_.postgres, options_.installation + service);
    return postgres::Connection(options);
  }

  // Every session of this installation's databases is cut, again and again.
  void end_sessions_until(const std::atomic<bool>& stop) const {
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection connection(admin);
    while (!stop) {
      connection.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE $1",
                      options_.installation + "%");
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
    }
  }

  // Produces bytes as any client could.
  void produce(const std::string& topic, const std::string& key, const std::string& body,
               const Headers& headers) const {
    kafka::Config config(options_.kafka, "test");
    config.set("acks", "all");
    const auto producer = config.producer();
    auto* list = kafka::headers_from(headers);
    auto* handle = rd_kafka_topic_new(producer.get(), (options_.installation + topic).c_str(), nullptr);
    rd_kafka_vu_t arguments[5];
    arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
    arguments[0].u.rkt = handle;
    arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    arguments[1].u.i32 = lane_of(key, options_.partitions);
    arguments[2].vtype = RD_KAFKA_VTYPE_KEY;
    arguments[2].u.mem = {const_cast<char*>(key.data()), key.size()};
    arguments[3].vtype = RD_KAFKA_VTYPE_VALUE;
    arguments[3].u.mem = {const_cast<char*>(body.data()), body.size()};
    arguments[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    arguments[4].u.headers = list;
    rd_kafka_error_t* error = rd_kafka_produceva(producer.get(), arguments, 5);
    EXPECT_EQ(error, nullptr);
    EXPECT_EQ(rd_kafka_flush(producer.get(), 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_destroy(handle);
  }

  // Says an event in another service's name, at a chosen place of its chain.
  void say(const std::string& topic, const std::string& source, const std::string& key, std::int64_t seq,
           const Message& event, std::int64_t epoch = 1, const std::string& forged_id = {}) const {
    Envelope envelope;
    envelope.source = source;
    envelope.epoch = epoch;
    envelope.seq = seq;
    envelope.type = event.GetDescriptor()->full_name();
    envelope.tenant = "main";
    envelope.causation = "test";
    envelope.time = wall_now();
    envelope.id =
        forged_id.empty() ? event_id(source, epoch, topic, lane_of(key, options_.partitions), seq) : forged_id;
    produce(topic, key, event.SerializeAsString(), to_headers(envelope));
  }

  // The topics, as the services would make them.
  void make_topics() const {
    std::vector<kafka::TopicPlan> plans;
    for (const auto& topic : topic_catalog().topic()) {
      plans.push_back({options_.installation + topic.name(), options_.partitions, -1});
    }
    kafka::ensure_topics(kafka::Config(options_.kafka, "test").producer().get(), plans);
  }

  // As an operator would who wipes a topic.
  void make_anew(const std::string& topic) const {
    const auto name = options_.installation + topic;
    const auto client = kafka::Config(options_.kafka, "test").producer();
    auto* deletion = rd_kafka_DeleteTopic_new(name.c_str());
    const kafka::Queue queue(rd_kafka_queue_new(client.get()));
    rd_kafka_DeleteTopics(client.get(), &deletion, 1, nullptr, queue.get());
    if (auto* event = rd_kafka_queue_poll(queue.get(), 10000); event != nullptr) rd_kafka_event_destroy(event);
    rd_kafka_DeleteTopic_destroy(deletion);
    ASSERT_TRUE(eventually([&] { return kafka::partition_counts(client.get(), {name}, 5000).at(name) < 0; }));
    kafka::ensure_topics(client.get(), {{name, options_.partitions, -1}});
  }

  // As retention would: everything in the partition of `key` is gone.
  void delete_records(const std::string& topic, const std::string& key) const {
    const auto client = kafka::Config(options_.kafka, "test").producer();
    const auto list =
        kafka::list_of({{options_.installation + topic, lane_of(key, options_.partitions), RD_KAFKA_OFFSET_END}});
    auto* records = rd_kafka_DeleteRecords_new(list.get());
    const kafka::Queue queue(rd_kafka_queue_new(client.get()));
    rd_kafka_DeleteRecords(client.get(), &records, 1, nullptr, queue.get());
    auto* event = rd_kafka_queue_poll(queue.get(), 10000);
    ASSERT_NE(event, nullptr);
    EXPECT_EQ(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteRecords_destroy(records);
  }

  void delete_topics() const {
    std::vector<rd_kafka_DeleteTopic_t*> topics;
    for (const auto& topic : topic_catalog().topic()) {
      topics.push_back(rd_kafka_DeleteTopic_new((options_.installation + topic.name()).c_str()));
    }
    const auto client = kafka::Config(options_.kafka, "test").producer();
    const kafka::Queue queue(rd_kafka_queue_new(client.get()));
    rd_kafka_DeleteTopics(client.get(), topics.data(), topics.size(), nullptr, queue.get());
    if (auto* event = rd_kafka_queue_poll(queue.get(), 10000); event != nullptr) rd_kafka_event_destroy(event);
    for (auto* topic : topics) rd_kafka_DeleteTopic_destroy(topic);
  }

  // Nothing is left to do anywhere, seen twice.
  static bool quiet(const std::vector<Runtime*>& runtimes) {
    std::string before;
    for (int round = 0; round < 2; ++round) {
      std::string now;
      std::map<std::pair<std::string, int>, std::int64_t> produced;
      std::vector<common::v1::GetActivityResponse> all;
      for (auto* runtime : runtimes) all.push_back(runtime->activity().value());
      for (const auto& one : all) {
        if (one.outbox_pending() + one.timers_due() + one.commands_running() > 0) return false;
        now += std::to_string(one.steps_applied()) + ",";
        for (const auto& place : one.produced()) {
          auto& end = produced[{place.topic(), place.partition()}];
          end = std::max(end, place.offset());
        }
      }
      for (const auto& one : all) {
        for (const auto& place : one.consumed()) {
          const auto end = produced.find({place.topic(), place.partition()});
          if (end != produced.end() && place.offset() < end->second) return false;
        }
      }
      if (round == 1) return now == before;
      before = now;
    }
    return false;
  }

  Options options_;
};

}  // namespace loomline::eventing
