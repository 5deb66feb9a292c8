#include "installation.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "ledger.hpp"
#include "loomline/base/id.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/postgres/connection.hpp"
#include "src/broker/kafka.hpp"

namespace loomline::bench {

namespace kafka = eventing::kafka;

Installation::Installation() {
  const char* postgres = std::getenv("LOOMLINE_POSTGRES");
  const char* kafka = std::getenv("LOOMLINE_KAFKA");
  if (postgres == nullptr || kafka == nullptr) {
    std::fprintf(stderr, "LOOMLINE_POSTGRES or LOOMLINE_KAFKA is not set: deploy/local up; eval \"$(deploy/local env)\"\n");
    std::exit(2);
  }
  eventing::testing::use_catalog(kCatalog);
  options_.postgres = postgres;
  options_.kafka = kafka;
  options_.installation = "bench_" + random_hex128().substr(0, 8) + "_";
  options_.partitions = kPartitions;
}

Installation::~Installation() {
  try {
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection connection(admin);
    for (const auto& name : databases_) connection.exec_script("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    std::vector<rd_kafka_DeleteTopic_t*> topics;
    for (const auto& one : eventing::topic_catalog().topic())
      topics.push_back(rd_kafka_DeleteTopic_new(topic(one.name()).c_str()));
    const auto client = kafka::Config(options_.kafka, "bench").producer();
    const kafka::Queue queue(rd_kafka_queue_new(client.get()));
    rd_kafka_DeleteTopics(client.get(), topics.data(), topics.size(), nullptr, queue.get());
    if (auto* event = rd_kafka_queue_poll(queue.get(), 20'000); event != nullptr) rd_kafka_event_destroy(event);
    for (auto* one : topics) rd_kafka_DeleteTopic_destroy(one);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "left behind %s...: %s\n", options_.installation.c_str(), error.what());
  }
}

std::string Installation::database(const std::string& service) const {
  return postgres::with_database(options_.postgres, options_.installation + service);
}

std::unique_ptr<eventing::Runtime> Installation::start(eventing::Service service) {
  databases_.push_back(options_.installation + service.name());
  auto runtime = eventing::Runtime::start(std::move(service), options_);
  if (!runtime.ok()) {
    std::fprintf(stderr, "%s\n", runtime.status().to_string().c_str());
    std::exit(1);
  }
  while (!(*runtime)->ready()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return std::move(runtime).value();
}

}  // namespace loomline::bench
