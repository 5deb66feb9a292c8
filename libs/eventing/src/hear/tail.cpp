#include "src/hear/tail.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "loomline/base/id.hpp"
#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/broker/envelope.hpp"
#include "src/broker/kafka.hpp"

namespace loomline::eventing {
namespace {

enum class From { beginning, end, lately };

constexpr std::int64_t kLately = 1000;  // messages

class KafkaTail : public Tail {
 public:
  KafkaTail(const std::string& brokers, std::string prefix, const std::vector<std::string>& topics, From from,
            std::function<void(const TailedEvent&)> on_event)
      : prefix_(std::move(prefix)), on_event_(std::move(on_event)) {
    kafka::Config config(brokers, "loomline-tail");
    // assign() needs a group's name, but nothing is ever joined or committed under it.
    config.set("group.id", "loomline-tail-" + random_hex128()).set("enable.auto.commit", "false");
    config.set("auto.offset.reset", "earliest").set("fetch.wait.max.ms", "500").set("queued.min.messages", "1000");
    if (from == From::lately) config.set("enable.partition.eof", "true");
    client_ = config.consumer();
    rd_kafka_poll_set_consumer(client_.get());
    assign(topics, from);
    thread_ = std::thread([this] {
      name_thread({}, "tail");
      run();
    });
    if (from != From::lately || caught_up()) return;
    stop();
    throw std::runtime_error("the end of topic " + topics.front() + " cannot be read");
  }

  ~KafkaTail() override { stop(); }

 private:
  void stop() {
    stop_ = true;
    kafka::end_poll(client_.get());
    if (thread_.joinable()) thread_.join();
    rd_kafka_consumer_close(client_.get());
  }

  void assign(const std::vector<std::string>& topics, From from) {
    std::vector<std::string> names;
    for (const auto& topic : topics) names.push_back(prefix_ + topic);
    std::vector<kafka::Place> places;
    for (const auto& [name, count] : kafka::partition_counts(client_.get(), names, 10000)) {
      if (count < 0) throw std::runtime_error("topic " + name + " does not exist; start the service that owns it");
      for (int partition = 0; partition < count; ++partition) places.push_back({name, partition, 0});
    }
    // The ends are asked for now: "from now on" means from this call, not from when the fetcher gets there.
    const auto ends = kafka::end_offsets(client_.get(), places, 10000);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto end = ends[i].offset;
      if (from == From::beginning) places[i].offset = RD_KAFKA_OFFSET_BEGINNING;
      if (from == From::end) places[i].offset = end;
      if (from == From::lately) places[i].offset = std::max<std::int64_t>(0, end - kLately);
      if (from == From::lately && end > 0) awaited_.emplace(ends[i].topic, ends[i].partition);
    }
    const auto list = kafka::list_of(places);
    const auto error = rd_kafka_assign(client_.get(), list.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw std::runtime_error(std::string("cannot read topics: ") + rd_kafka_err2str(error));
    }
  }

  bool caught_up() {
    std::unique_lock lock(mutex_);
    return at_end_.wait_for(lock, std::chrono::seconds(10), [this] { return awaited_.empty(); });
  }

  void run() {
    while (!stop_) {
      const kafka::Message message(rd_kafka_consumer_poll(client_.get(), 1000));
      if (message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        const std::lock_guard lock(mutex_);
        awaited_.erase({rd_kafka_topic_name(message->rkt), message->partition});
        if (awaited_.empty()) at_end_.notify_all();
      }
      if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      try {
        deliver(*message);
      } catch (const std::exception& error) {
        telemetry::log_error("a tailed event failed", {telemetry::field::error(error)});
      }
    }
  }

  void deliver(const rd_kafka_message_t& message) {
    const auto envelope = from_headers(kafka::headers_of(message));
    if (!envelope.ok()) return;
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(envelope->type);
    if (type == nullptr) return;
    std::shared_ptr<Message> event(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    if (!event->ParseFromArray(message.payload, static_cast<int>(message.len))) return;
    TailedEvent tailed;
    tailed.topic = std::string(rd_kafka_topic_name(message.rkt)).substr(prefix_.size());
    tailed.partition = message.partition;
    tailed.offset = message.offset;
    tailed.key.assign(static_cast<const char*>(message.key), message.key_len);
    tailed.type = envelope->type;
    tailed.id = envelope->id;
    tailed.source = envelope->source;
    tailed.recorded = envelope->time;
    tailed.event = std::move(event);
    on_event_(tailed);
  }

  std::string prefix_;
  std::function<void(const TailedEvent&)> on_event_;
  kafka::Client client_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable at_end_;
  std::set<std::pair<std::string, int>> awaited_;  // partitions whose end is still to be met
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Tail> tail(const std::string& kafka, const std::string& installation, std::vector<std::string> topics,
                           bool from_beginning, std::function<void(const TailedEvent&)> on_event) {
  return std::make_unique<KafkaTail>(kafka, installation, topics, from_beginning ? From::beginning : From::end,
                                     std::move(on_event));
}

std::unique_ptr<Tail> tail_lately(const std::string& kafka, const std::string& installation,
                                std::vector<std::string> topics, std::function<void(const TailedEvent&)> on_event) {
  return std::make_unique<KafkaTail>(kafka, installation, topics, From::lately, std::move(on_event));
}

std::shared_ptr<SharedTail> SharedTail::of(const std::string& kafka, const std::string& installation,
                                           const std::string& topic) {
  static std::mutex mutex;
  static std::map<std::tuple<std::string, std::string, std::string>, std::weak_ptr<SharedTail>> tails;
  const std::lock_guard lock(mutex);
  auto& slot = tails[{kafka, installation, topic}];
  if (auto known = slot.lock()) return known;
  auto made = std::make_shared<SharedTail>();
  const auto on_event = [raw = made.get()](const TailedEvent& event) {
    const std::lock_guard callbacks(raw->mutex_);
    for (const auto& callback : raw->callbacks_) callback(event);
  };
  made->tail_ = tail(kafka, installation, {topic}, false, on_event);
  slot = made;
  return made;
}

std::unique_ptr<SharedTail::Subscription> SharedTail::subscribe(std::shared_ptr<SharedTail> tail,
                                                                std::function<void(const TailedEvent&)> callback) {
  const std::lock_guard lock(tail->mutex_);
  const auto place = tail->callbacks_.insert(tail->callbacks_.end(), std::move(callback));
  return std::make_unique<Subscription>(std::move(tail), place);
}

SharedTail::Subscription::~Subscription() {
  const std::lock_guard lock(tail_->mutex_);
  tail_->callbacks_.erase(place_);
}

}  // namespace loomline::eventing
