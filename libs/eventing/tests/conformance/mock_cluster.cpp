// PostgreSQL of LOOMLINE_POSTGRES, and librdkafka's mock cluster in the test's own process.
#include <librdkafka/rdkafka.h>
// after rdkafka.h
#include <librdkafka/rdkafka_mock.h>

#include <cstdlib>
#include <stdexcept>

#include "src/decide/catalog.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "tests/conformance/processes.hpp"

namespace loomline::eventing::conformance {
namespace {

constexpr std::int16_t kProduce = 0, kFetch = 1;  // Kafka's numbers of requests

// Before everything that connects to it, and gone after it.
class Cluster {
 public:
  Cluster()
      : owner_(kafka::Config("127.0.0.1:1", "mock-owner").producer()),
        cluster_(rd_kafka_mock_cluster_new(owner_.get(), 1)) {}
  ~Cluster() { rd_kafka_mock_cluster_destroy(cluster_); }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  rd_kafka_mock_cluster_t* get() const { return cluster_; }

 private:
  kafka::Client owner_;
  rd_kafka_mock_cluster_t* cluster_;
};

class OnMockCluster final : private Cluster, public Processes {
 public:
  explicit OnMockCluster(const std::string& postgres) : Processes(postgres, rd_kafka_mock_cluster_bootstraps(get())) {
    for (const auto& topic : Catalog::current().declaration().topic())
      rd_kafka_mock_topic_create(get(), topic_name(topic.name()).c_str(), kLanes, 1);
  }
  ~OnMockCluster() override { drop_databases(); }

  std::string lacks(Need need) const override {
    if (need == Need::losing) return "librdkafka's mock cluster cannot delete what it holds";
    if (need == Need::roomy_broker) return "librdkafka's mock cluster keeps 5 MB a partition and drops the rest";
    return "";
  }
  void stop_broker() override { rd_kafka_mock_broker_set_down(get(), 1); }
  void start_broker() override {
    rd_kafka_mock_broker_set_up(get(), 1);
    rd_kafka_mock_broker_set_rtt(get(), 1, 0);
  }
  void refuse_requests(int count) override {
    for (int i = 0; i < count; ++i) {
      fail(kProduce, i % 2 == 0 ? RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION : RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
      fail(kFetch, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    }
  }
  void delay_answers(std::chrono::milliseconds span) override {
    rd_kafka_mock_broker_set_rtt(get(), 1, static_cast<int>(span.count()));
  }

 private:
  void fail(std::int16_t request, rd_kafka_resp_err_t error) {
    rd_kafka_mock_push_request_errors(get(), request, 1, error);
  }
};

}  // namespace

std::unique_ptr<Installation> on_mock_cluster() {
  const char* postgres = std::getenv("LOOMLINE_POSTGRES");
  if (postgres == nullptr) throw std::runtime_error("set LOOMLINE_POSTGRES (conninfo)");
  return std::make_unique<OnMockCluster>(postgres);
}

}  // namespace loomline::eventing::conformance
