// Protocol faults on librdkafka's mock cluster; the database is real.
#include <librdkafka/rdkafka.h>
// after rdkafka.h
#include <librdkafka/rdkafka_mock.h>

#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

constexpr std::int16_t kProduce = 0, kFetch = 1;  // Kafka's numbers of requests

class MockClusterTest : public RigTest {
 protected:
  void SetUp() override {
    if (std::getenv("LOOMLINE_POSTGRES") == nullptr) GTEST_SKIP() << "set LOOMLINE_POSTGRES (conninfo)";
    testing::use_catalog(kCatalog);
    client_ = kafka::Config("127.0.0.1:1", "mock-owner").producer();
    cluster_ = rd_kafka_mock_cluster_new(client_.get(), 1);
    options_.postgres = std::getenv("LOOMLINE_POSTGRES");
    options_.kafka = rd_kafka_mock_cluster_bootstraps(cluster_);
    options_.installation = "km" + random_hex128().substr(0, 10) + "_";
    options_.partitions = partitions_of_test();
    for (const auto& topic : topic_catalog().topic()) {
      rd_kafka_mock_topic_create(cluster_, (options_.installation + topic.name()).c_str(), options_.partitions, 1);
    }
  }
  static int partitions_of_test() {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    return name.starts_with("ManyPartitions") ? 12 : 2;
  }
  void TearDown() override {
    if (cluster_ == nullptr) return;
    drop_databases();
    rd_kafka_mock_cluster_destroy(cluster_);
  }
  void fail(std::int16_t request, std::initializer_list<rd_kafka_resp_err_t> errors) {
    const std::vector<rd_kafka_resp_err_t> list(errors);
    rd_kafka_mock_push_request_errors_array(cluster_, request, list.size(), list.data());
  }
  // Fills, and waits until the other service has counted all.
  void run(const std::function<void(int)>& fault) {
    auto from = start(alpha());
    auto to = start(beta());
    constexpr int kFills = 40;
    for (int i = 0; i < kFills; ++i) {
      fault(i);
      ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_" + std::to_string(i % 4), 1), {}).ok());
    }
    for (int box = 0; box < 4; ++box) {
      const auto key = "box_" + std::to_string(box);
      EXPECT_TRUE(eventually([&] { return state_of(*to, "shadow", key).total() >= kFills / 4; }, 60)) << key;
      EXPECT_EQ(state_of(*to, "shadow", key).total(), kFills / 4) << key;
      EXPECT_TRUE(eventually([&] { return state_of(*from, "box", key).tags_size() >= kFills / 4; }, 60)) << key;
      EXPECT_EQ(state_of(*from, "box", key).tags_size(), kFills / 4) << key;
    }
  }

  kafka::Client client_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

TEST_F(MockClusterTest, ProduceAndFetchErrorsLoseAndRepeatNothing) {
  run([&](int i) {
    if (i % 10 == 3) fail(kProduce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
    if (i % 10 == 7) fail(kFetch, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  });
}

// Whatever is refused or cut off, every partition's chain comes through.
TEST_F(MockClusterTest, ManyPartitionsComeThroughTransientErrors) {
  auto from = start(alpha());
  auto to = start(beta());
  constexpr int kBoxes = 48, kEach = 5;
  for (int i = 0; i < kEach; ++i) {
    if (i == 3) {
      rd_kafka_mock_broker_set_down(cluster_, 1);
      rd_kafka_mock_broker_set_up(cluster_, 1);
    }
    for (int box = 0; box < kBoxes; ++box) {
      if (box % 7 == 0) {
        fail(kProduce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NO_ERROR,
                        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS});
      }
      ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_" + std::to_string(box), 1), {}).ok());
    }
  }
  for (int box = 0; box < kBoxes; ++box) {
    const auto key = "box_" + std::to_string(box);
    ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", key).total() >= kEach; }, 60)) << key;
    EXPECT_EQ(state_of(*to, "shadow", key).total(), kEach) << key;
    EXPECT_EQ(state_of(*to, "shadow", key).tags_size(), kEach) << key;
  }
  EXPECT_TRUE(eventually([&] { return from->activity()->alarms_size() + to->activity()->alarms_size() == 0; }));
}

// With answers that take their time, later requests of a partition are under way when an earlier one is refused.
TEST_F(MockClusterTest, ARefusedRequestIsNotOvertakenByTheNext) {
  rd_kafka_mock_broker_set_rtt(cluster_, 1, 15);
  run([&](int i) {
    if (i % 10 == 0) fail(kProduce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
    if (i % 10 == 5) fail(kProduce, {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  });
}

TEST_F(MockClusterTest, AFatalProducerErrorRebuildsTheProducer) {
  run([&](int i) {
    if (i == 10)
      fail(kProduce, {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID});
    if (i == 25) fail(kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  });
}

TEST_F(MockClusterTest, ABrokerThatGoesAwayForAWhileIsWaitedFor) {
  run([&](int i) {
    if (i == 10) rd_kafka_mock_broker_set_down(cluster_, 1);
    if (i == 30) rd_kafka_mock_broker_set_up(cluster_, 1);
  });
}

// Brokers are added by one thread and looked through by another, under the client's lock for readers and a writer. For the thread
// sanitizer: where it does not see that lock it calls each broker found a race (tests/sanitizers/c11_threads.cpp).
TEST(KafkaClient, BrokersAreAddedWhileAnotherThreadLooksThroughThem) {
  const auto client = kafka::Config("127.0.0.1:1", "brokers-added").consumer();
  constexpr int kAdded = 40;
  std::jthread looks([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const struct rd_kafka_metadata* metadata = nullptr;
      EXPECT_NE(rd_kafka_metadata(client.get(), 0, nullptr, &metadata, 5), RD_KAFKA_RESP_ERR_NO_ERROR);
    }
  });
  int added = 0;
  for (int i = 0; i < kAdded; ++i) {
    added += rd_kafka_brokers_add(client.get(), ("127.0.0.1:" + std::to_string(i + 2)).c_str());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(added, kAdded);
}

}  // namespace
}  // namespace loomline::eventing
