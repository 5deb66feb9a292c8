// Tracking on a real broker and database: what others publish becomes order progress, and reaches watchers.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "history.hpp"
#include "loomline/base/id.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/host/config.hpp"
#include "loomline/postgres/connection.hpp"
#include "loomline/rpc/directory.hpp"
#include "loomline/rpc/server.hpp"
#include "loomline/tracking/service.hpp"

namespace loomline::tracking::test {
namespace {

using Told = state::v1::RebuildRequest;  // any request with an order_id serves the tellers below

// A service of another's name that says, on command, the next fact of a history.
class Teller {
 public:
  Teller(std::string name, const History& history, const eventing::Options& options) : name_(std::move(name)) {
    eventing::Service service(name_);
    auto orders = service.aggregate<state::v1::WindowPassed>("teller", prefix::order);
    orders.command<Told, state::v1::RebuildResponse>(
        "Tell", [](const Told& request, const eventing::Cause&) -> Result<std::string> { return request.order_id(); },
        [this](state::v1::WindowPassed&, const Told&, eventing::Step& step) -> Result<state::v1::RebuildResponse> {
          step.publish(*next_);
          return state::v1::RebuildResponse();
        });
    for (const auto& said : history.facts())
      if (said.source == name_) facts_.push_back(said);
    auto started = eventing::Runtime::start(std::move(service), options);
    if (!started.ok()) throw std::runtime_error(started.status().to_string());
    runtime_ = std::move(started).value();
  }
  void tell_next() {
    next_ = facts_.at(told_++).event.get();
    Told request;
    request.set_order_id("ord_1");
    const auto done = runtime_->execute<state::v1::RebuildResponse>("Tell", request, {});
    ASSERT_TRUE(done.ok()) << done.status().to_string();
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<Said> facts_;
  std::size_t told_ = 0;
  const Message* next_ = nullptr;
  std::unique_ptr<eventing::Runtime> runtime_;
};

// Collects a stream.
class Watcher {
 public:
  Watcher(rpc::Channel& channel, std::uint64_t after) {
    v1::WatchJourneyRequest request;
    request.set_order_id("ord_1");
    request.set_after_revision(after);
    subscription_ = channel.stream("loomline.tracking.v1.TrackingService.WatchJourney", request,
                                   v1::WatchJourneyResponse::default_instance(), {},
                                   {[this](const Message& message) {
                                      const std::lock_guard lock(mutex_);
                                      seen_.push_back(static_cast<const v1::WatchJourneyResponse&>(message).progress());
                                      changed_.notify_all();
                                      return true;
                                    },
                                    [this](const Status& status) {
                                      const std::lock_guard lock(mutex_);
                                      done_ = status.code();
                                      changed_.notify_all();
                                    }});
  }
  std::vector<v1::OrderProgressed> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [&] { return seen_.size() >= count || done_; });
    return seen_;
  }
  std::optional<Code> wait_done() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return done_.has_value(); });
    return done_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<v1::OrderProgressed> seen_;
  std::optional<Code> done_;
  rpc::Subscription subscription_;
};

class Live : public testing::Test {
 protected:
  void SetUp() override {
    const char* postgres = std::getenv("LOOMLINE_POSTGRES");
    const char* kafka = std::getenv("LOOMLINE_KAFKA");
    if (!postgres || !kafka) GTEST_SKIP() << "set LOOMLINE_POSTGRES (conninfo) and LOOMLINE_KAFKA (bootstrap servers)";
    options.postgres = postgres;
    options.kafka = kafka;
    options.installation = "tt" + random_hex128().substr(0, 10) + "_";
    options.partitions = 2;
  }
  void TearDown() override {
    if (options.installation.empty()) return;
    postgres::Options admin;
    admin.conninfo = options.postgres;
    postgres::Connection connection(admin);
    for (const char* service : {"intake", "scheduling", "quality", "aftersales", "tracking"})
      connection.exec_script("DROP DATABASE IF EXISTS " + options.installation + service + " WITH (FORCE)");
    delete_topics();
  }
  void delete_topics() {
    char error[256];
    auto* config = rd_kafka_conf_new();
    rd_kafka_conf_set(config, "bootstrap.servers", options.kafka.c_str(), error, sizeof error);
    auto* client = rd_kafka_new(RD_KAFKA_PRODUCER, config, error, sizeof error);
    std::vector<rd_kafka_DeleteTopic_t*> doomed;
    for (const auto& topic : eventing::topic_catalog().topic())
      doomed.push_back(rd_kafka_DeleteTopic_new((options.installation + topic.name()).c_str()));
    auto* queue = rd_kafka_queue_new(client);
    rd_kafka_DeleteTopics(client, doomed.data(), doomed.size(), nullptr, queue);
    if (auto* event = rd_kafka_queue_poll(queue, 20'000)) rd_kafka_event_destroy(event);
    rd_kafka_DeleteTopic_destroy_array(doomed.data(), doomed.size());
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
  }
  host::Config config() const {
    host::Config out;
    out.kafka = options.kafka;
    out.installation = options.installation;
    return out;
  }
  eventing::Options options;
};

TEST_F(Live, an_order_is_told_watched_listed_and_rebuilt) {
  const auto history = random_life(6);
  std::map<std::string, std::unique_ptr<Teller>> tellers;
  for (const auto& said : history.facts())
    if (!tellers.count(said.source)) tellers[said.source] = std::make_unique<Teller>(said.source, history, options);
  auto started = eventing::Runtime::start(make_service(), options);
  ASSERT_TRUE(started.ok()) << started.status().to_string();
  auto runtime = std::move(started).value();
  rpc::Server server({.address = ""});
  rpc::Directory peers;
  serve(*runtime, server, peers, config());
  server.finish_registration("loomline.tracking.v1.TrackingService");
  ASSERT_TRUE(server.start().ok());
  const auto channel = server.in_process_channel();

  EXPECT_EQ(Watcher(*channel, 0).wait_done(), Code::not_found);
  for (int i = 0; i < 10; ++i) tellers.at(history.facts()[static_cast<std::size_t>(i)].source)->tell_next();
  const auto get = [&] {
    v1::GetJourneyRequest request;
    request.set_order_id("ord_1");
    return channel->call<v1::GetJourneyRequest, v1::GetJourneyResponse>(
        "loomline.tracking.v1.TrackingService.GetJourney", request);
  };
  for (int i = 0; i < 400 && (!get().ok() || get()->journey().revision() < 10); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(get().ok());

  Watcher from_start(*channel, 0), from_five(*channel, 5);
  for (std::size_t i = 10; i < history.facts().size(); ++i) tellers.at(history.facts()[i].source)->tell_next();
  Journal straight;
  straight.hear(history.facts());
  for (int i = 0; i < 1200 && get()->journey().entries_size() < straight.journey().entries_size(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto journey = get()->journey();
  EXPECT_EQ(journey.status(), v1::JOURNEY_STATUS_CLOSED);
  EXPECT_EQ(journey.anomalies_size(), 0);
  EXPECT_EQ(journey.entries_size(), straight.journey().entries_size());

  const auto all = from_start.wait_for(journey.revision());
  ASSERT_EQ(all.size(), journey.revision());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].revision(), i + 1);
  EXPECT_EQ(from_five.wait_for(journey.revision() - 5).front().revision(), 6U);
  EXPECT_EQ(all.back().status(), v1::JOURNEY_STATUS_CLOSED);

  const auto counted = channel->call<v1::CountOrdersRequest, v1::CountOrdersResponse>(
      "loomline.tracking.v1.TrackingService.CountOrders", {});
  ASSERT_TRUE(counted.ok()) << counted.status().to_string();
  ASSERT_EQ(counted->stages_size(), 1);
  EXPECT_EQ(counted->stages(0).status(), v1::JOURNEY_STATUS_CLOSED);
  const auto rebuilt = channel->call<v1::RebuildJourneyRequest, v1::RebuildJourneyResponse>(
      "loomline.tracking.v1.TrackingService.RebuildJourney", {});
  ASSERT_TRUE(rebuilt.ok()) << rebuilt.status().to_string();
  EXPECT_EQ(rebuilt->orders(), 1);
  EXPECT_EQ(rebuilt->changed(), 0);
  EXPECT_EQ(get()->journey().revision(), journey.revision());
  server.shutdown(std::chrono::seconds(1));
}

}  // namespace
}  // namespace loomline::tracking::test
