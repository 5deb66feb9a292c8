// Watches: every revision once, in order, whoever is slow and whatever the tail missed.
#include "api/watch_hub.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>

#include "history.hpp"

namespace loomline::tracking::test {
namespace {

using std::chrono::milliseconds;

// Journeys that a test changes while the hub reads them.
class Store : public eventing::Reader {
 public:
  void put(const Journal& journal) {
    const std::lock_guard lock(mutex_);
    journeys_[journal.state.order_id()] = journal.snapshot();
  }
  Result<bool> get(std::string_view, std::string_view, std::string_view, Message&) override { return false; }
  Result<std::shared_ptr<const eventing::Snapshot>> snapshot(std::string_view, std::string_view,
                                                             std::string_view key) override {
    const std::lock_guard lock(mutex_);
    ++reads;
    const auto found = journeys_.find(std::string(key));
    return found == journeys_.end() ? nullptr : found->second;
  }
  Result<std::vector<Found>> find(std::string_view, std::string_view, std::string_view, std::string_view,
                                  std::string_view, int, bool) override {
    return std::vector<Found>{};
  }
  Result<Counts> counts(std::string_view, std::string_view, std::string_view) override { return Counts{}; }
  std::atomic<int> reads = 0;

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const eventing::Snapshot>> journeys_;
};

// A client that takes `room` messages until it is given more.
class Client : public rpc::Stream {
 public:
  explicit Client(std::size_t room_for = 1'000'000) : room_(room_for) {}
  rpc::Push push(const Message& message) override {
    const std::lock_guard lock(mutex_);
    if (left_) return rpc::Push::gone;
    if (seen_.size() >= room_) return rpc::Push::full;
    seen_.push_back(static_cast<const v1::WatchJourneyResponse&>(message).progress().revision());
    changed_.notify_all();
    return rpc::Push::accepted;
  }
  bool write(const Message&) override { return false; }
  void finish(const Status&) override {}
  bool gone() const override {
    const std::lock_guard lock(mutex_);
    return left_;
  }
  void on_gone(std::function<void()> callback) override {
    const std::lock_guard lock(mutex_);
    on_gone_ = std::move(callback);
  }
  void room(std::size_t room_for) {
    const std::lock_guard lock(mutex_);
    room_ = room_for;
  }
  void leave() {
    std::function<void()> callback;
    {
      const std::lock_guard lock(mutex_);
      left_ = true;
      callback = on_gone_;
    }
    if (callback) callback();
  }
  std::vector<std::uint64_t> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(5), [&] { return seen_.size() >= count; });
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> seen_;
  std::size_t room_;
  bool left_ = false;
  std::function<void()> on_gone_;
};

std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (auto i = first; i <= last; ++i) out.push_back(i);
  return out;
}

class WatchHubTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& said : life.facts()) {
      if (early.published.size() >= 10) break;
      static_cast<void>(early.hear(said));
    }
    whole.hear(life.facts());
  }
  rpc::StreamHandle<v1::WatchJourneyResponse> handle(const std::shared_ptr<Client>& client) {
    return rpc::StreamHandle<v1::WatchJourneyResponse>(client);
  }
  // What the topic says, the tests tell the hub themselves.
  api::WatchHub::Listen listen() {
    return [this](api::WatchHub&) {
      ++opened;
      return std::make_unique<Tail>(closed);
    };
  }
  struct Tail : eventing::Tail {
    explicit Tail(std::atomic<int>& count) : closed_(count) {}
    ~Tail() override { ++closed_; }
    std::atomic<int>& closed_;
  };
  template <class Condition>
  static bool soon(Condition condition) {
    for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(10));
    return condition();
  }

  std::atomic<int> opened = 0, closed = 0;
  const History life = random_life(4);
  Journal early, whole;  // the same order, at revision 10 and in the end
  Store store;
};

TEST_F(WatchHubTest, sends_what_was_missed_then_what_comes) {
  store.put(early);
  api::WatchHub hub(store, listen());
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 3, handle(client));
  EXPECT_EQ(client->wait_for(7), from_to(4, 10));
  store.put(whole);
  for (std::size_t i = 10; i < whole.published.size(); ++i) hub.heard(whole.published[i]);
  EXPECT_EQ(client->wait_for(whole.published.size() - 3), from_to(4, whole.published.size()));
}

TEST_F(WatchHubTest, a_gap_or_a_repetition_in_the_tail_is_not_seen) {
  store.put(early);
  api::WatchHub hub(store, listen());
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(client));
  client->wait_for(10);
  store.put(whole);
  hub.heard(whole.published[8]);
  hub.heard(whole.published.back());
  EXPECT_EQ(client->wait_for(whole.published.size()), from_to(1, whole.published.size()));
  hub.heard(whole.published.back());
  EXPECT_EQ(client->wait_for(0).size(), whole.published.size());
}

TEST_F(WatchHubTest, a_slow_client_gets_everything_later_and_holds_up_nobody) {
  store.put(whole);
  api::WatchHub hub(store, listen());
  const auto slow = std::make_shared<Client>(2);
  const auto quick = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(slow));
  hub.watch("main", "ord_1", 0, handle(quick));
  EXPECT_EQ(quick->wait_for(whole.published.size()).size(), whole.published.size());
  EXPECT_EQ(slow->wait_for(2), from_to(1, 2));
  slow->room(1'000'000);
  EXPECT_EQ(slow->wait_for(whole.published.size()), from_to(1, whole.published.size()));
}

TEST_F(WatchHubTest, what_the_tail_never_told_is_found_all_the_same) {
  store.put(early);
  api::WatchHub hub(store, listen(), {milliseconds(50)});
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(client));
  client->wait_for(10);
  store.put(whole);
  EXPECT_EQ(client->wait_for(whole.published.size()), from_to(1, whole.published.size()));
}

TEST_F(WatchHubTest, what_the_store_tells_comes_without_the_tail_and_once) {
  store.put(early);
  api::WatchHub hub(store, listen());
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(client));
  client->wait_for(10);
  store.put(whole);
  hub.changed("ord_2");
  hub.changed("ord_1");
  EXPECT_EQ(client->wait_for(whole.published.size()), from_to(1, whole.published.size()));
  for (std::size_t i = 10; i < whole.published.size(); ++i) hub.heard(whole.published[i]);
  hub.changed("ord_1");
  EXPECT_EQ(client->wait_for(0), from_to(1, whole.published.size())) << "what comes over the topic later is known";
}

// Each time that the store tells of a change, the thread may have read it just before.
TEST_F(WatchHubTest, no_change_is_missed_however_soon_it_follows) {
  Journal growing;
  std::size_t revisions = 0;
  api::WatchHub hub(store, listen());
  std::shared_ptr<Client> client;
  for (const auto& said : life.facts()) {
    static_cast<void>(growing.hear(said));
    store.put(growing);
    if (!client) {
      client = std::make_shared<Client>();
      hub.watch("main", "ord_1", 0, handle(client));
    }
    hub.changed("ord_1");
    revisions = growing.published.size();
  }
  EXPECT_EQ(client->wait_for(revisions), from_to(1, revisions));
}

TEST_F(WatchHubTest, forgets_a_client_that_left) {
  store.put(early);
  api::WatchHub hub(store, listen());
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(client));
  client->wait_for(10);
  EXPECT_EQ(hub.watches(), 1U);
  client->leave();
  EXPECT_EQ(hub.watches(), 0U);
}

TEST_F(WatchHubTest, an_idle_watch_costs_no_reads) {
  store.put(early);
  api::WatchHub hub(store, listen());
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(client));
  client->wait_for(10);
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_LE(store.reads, 2);
}

TEST_F(WatchHubTest, the_topic_is_read_only_while_somebody_watches) {
  store.put(early);
  api::WatchHub hub(store, listen(), {std::chrono::seconds(15), milliseconds(50)});
  EXPECT_FALSE(hub.listens());
  for (int round = 1; round <= 2; ++round) {
    const auto client = std::make_shared<Client>();
    hub.watch("main", "ord_1", 0, handle(client));
    client->wait_for(10);
    ASSERT_TRUE(soon([&] { return hub.listens(); }));
    EXPECT_EQ(opened, round);
    client->leave();
    ASSERT_TRUE(soon([&] { return !hub.listens(); }));
    EXPECT_EQ(closed, round);
  }
}

TEST_F(WatchHubTest, what_was_said_before_the_topic_was_read_is_found_in_the_store) {
  store.put(early);
  api::WatchHub hub(store, [this](api::WatchHub&) {
    store.put(whole);  // after the first look, and nobody is told
    return std::make_unique<Tail>(closed);
  });
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(client));
  EXPECT_EQ(client->wait_for(whole.published.size()), from_to(1, whole.published.size()));
}

TEST_F(WatchHubTest, without_a_broker_the_store_is_read) {
  store.put(early);
  api::WatchHub hub(store, [this](api::WatchHub&) -> std::unique_ptr<eventing::Tail> {
    if (++opened < 3) throw std::runtime_error("no broker");
    return std::make_unique<Tail>(closed);
  });
  const auto client = std::make_shared<Client>();
  hub.watch("main", "ord_1", 0, handle(client));
  client->wait_for(10);
  EXPECT_FALSE(hub.listens());
  store.put(whole);
  EXPECT_EQ(client->wait_for(whole.published.size()), from_to(1, whole.published.size()));
  EXPECT_TRUE(soon([&] { return hub.listens(); })) << "it is tried again";
}

}  // namespace
}  // namespace loomline::tracking::test
