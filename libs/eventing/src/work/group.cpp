#include "src/work/group.hpp"

#include <algorithm>
#include <stdexcept>

#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/faults.hpp"
#include "src/hear/kafka_inlet.hpp"

namespace loomline::eventing {

Group::Group(Engine& engine, std::string brokers, std::string instance_name, int workers)
    : engine_(engine), brokers_(std::move(brokers)), instance_name_(std::move(instance_name)) {
  for (int i = 0; i < std::max(1, workers); ++i) workers_.push_back(std::make_unique<LaneWorker>(engine, i));
}

namespace {

// What librdkafka may hold of fetched messages counts for each partition, since each has a queue of its own: 64 MB
// shared among them, and never less than two fetches' worth of small messages.
int prefetch_kbytes(const Engine& engine) {
  const auto queues = static_cast<int>(engine.registry.topics().size()) * engine.partitions;
  return std::max(128, 65536 / std::max(1, queues));
}

}  // namespace

Group::~Group() { stop(); }

void Group::start() {
  for (auto& worker : workers_) worker->start();
  workers_running_ = true;
  watchdog_ = std::thread([this] { watch(); });
  if (engine_.registry.topics().empty()) {
    // Hears nothing: its timers fire on every replica; the key's lock lets one of them win.
    for (std::size_t w = 0; w < workers_.size(); ++w) {
      std::set<int> lanes;
      for (int lane = 0; lane < engine_.partitions; ++lane) {
        if (static_cast<std::size_t>(lane) % workers_.size() == w) lanes.insert(lane);
      }
      workers_[w]->own_lanes(std::move(lanes));
    }
    owned_lanes_ = engine_.partitions;
    assigned_ = true;
    return;
  }
  subscribe();
  polled_ms_ = engine_.clocks.steady_ms();
  thread_ = std::thread([this] { run(); });
  checker_ = std::thread([this] { check(); });
}

void Group::subscribe() {
  kafka::Config config(brokers_, "loomline-" + engine_.registry.service());
  config.set("group.id", engine_.prefix + engine_.registry.service());
  // Static membership for a replica with a stable name: a quick restart moves nothing. A nameless one leaves at once.
  if (!instance_name_.empty()) config.set("group.instance.id", engine_.registry.service() + "-" + instance_name_);
  config.set("partition.assignment.strategy", "range");
  config.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
  config.set("auto.offset.reset", "earliest").set("isolation.level", "read_committed");
  config.set("session.timeout.ms", "6000").set("heartbeat.interval.ms", "1500");
  config.set("fetch.wait.max.ms", "500").set("fetch.error.backoff.ms", "50");
  // A queue with more than this is left out of the next request, and that one waits for half a second where only quiet
  // partitions are left in it: until then there must be enough to do.
  config.set("queued.min.messages", "10000");
  config.set("queued.max.messages.kbytes", std::to_string(prefetch_kbytes(engine_)));
  config.set("fetch.message.max.bytes", "524288").set("fetch.max.bytes", "8388608");
  rd_kafka_conf_set_rebalance_cb(config.get(), &Group::on_rebalance);
  rd_kafka_conf_set_opaque(config.get(), this);
  auto made = config.consumer();
  rd_kafka_poll_set_consumer(made.get());
  std::vector<kafka::Place> topics;
  for (const auto& topic : engine_.registry.topics()) topics.push_back({engine_.prefix + topic, -1, 0});
  const auto list = kafka::list_of(topics);
  {
    const std::lock_guard lock(client_mutex_);
    client_ = std::move(made);
  }
  const auto error = rd_kafka_subscribe(client_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(std::string("cannot subscribe: ") + rd_kafka_err2str(error));
  }
  unassigned_since_ = engine_.clocks.steady_ms();
}

void Group::stop_fetching() {
  rd_kafka_topic_partition_list_t* held = nullptr;
  rd_kafka_assignment(client_.get(), &held);
  const kafka::Partitions all(held);
  rd_kafka_pause_partitions(client_.get(), all.get());
}

void Group::run() {
  const telemetry::ServiceScope scope(engine_.registry.service());
  name_thread(engine_.registry.service(), "group");
  while (!stop_) {
    polled_ms_ = engine_.clocks.steady_ms();
    // Only rebalances and errors come here: each partition has a queue of its own, without forwarding.
    if (const kafka::Message message(rd_kafka_consumer_poll(client_.get(), 1000));
        message && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      telemetry::log_warn("the consumer reports", {telemetry::field::error(rd_kafka_err2str(message->err))});
    }
    if (faults::stop_fetching.exchange(false)) stop_fetching();
    replace_lost_client();
    if (!client_) break;  // told to stop meanwhile
  }
  if (client_) rd_kafka_consumer_close(client_.get());  // revokes first
  polled_ms_ = 0;
}

void Group::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* parts,
                         void* opaque) {
  auto* self = static_cast<Group*>(opaque);
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !self->stop_) {
    self->assign(*parts);
    return;
  }
  self->revoke();
  rd_kafka_assign(client, nullptr);
}

void Group::assign(const rd_kafka_topic_partition_list_t& list) {
  revoke();
  std::vector<std::pair<std::string, int>> wanted;
  for (const auto& place : kafka::places_of(list)) {
    wanted.emplace_back(place.topic.substr(engine_.prefix.size()), place.partition);
  }
  std::vector<Feed> parts;
  while (!stop_) {
    try {
      if (!wanted.empty()) parts = engine_.store.claim(engine_.instance, wanted);
      break;
    } catch (const std::exception& error) {
      telemetry::log_warn("partitions cannot be claimed yet", {telemetry::field::error(error)});
      polled_ms_ = engine_.clocks.steady_ms();
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }
  check_topics(parts);
  std::vector<kafka::Place> starts;
  for (auto& part : parts) {
    const std::string topic = engine_.prefix + part.topic;
    part.inlet = std::make_unique<KafkaInlet>(client_.get(), topic, part.partition);
    starts.push_back({topic, part.partition, part.next_offset > 0 ? part.next_offset : RD_KAFKA_OFFSET_BEGINNING});
  }
  const auto start_list = kafka::list_of(starts);
  rd_kafka_assign(client_.get(), start_list.get());
  std::vector<std::vector<Feed>> shares(workers_.size());
  std::vector<std::set<int>> lanes(workers_.size());
  std::set<int> all;
  for (auto& part : parts) {
    const auto worker = static_cast<std::size_t>(part.partition) % workers_.size();
    owned_.emplace(part.topic, part.partition);
    lanes[worker].insert(part.partition);
    all.insert(part.partition);
    shares[worker].push_back(std::move(part));
  }
  for (std::size_t w = 0; w < workers_.size(); ++w) {
    workers_[w]->add(std::move(shares[w]));
    workers_[w]->own_lanes(std::move(lanes[w]));
  }
  owned_lanes_ = static_cast<int>(all.size());
  unassigned_since_ = 0;
  assigned_ = true;
  telemetry::log_info("partitions assigned", {telemetry::field::number("count", parts.size())});
}

// Before the first message: a topic that was made anew while nobody looked.
void Group::check_topics(std::vector<Feed>& parts) {
  std::map<std::pair<std::string, int>, std::int64_t> wanted;
  for (const auto& part : parts) wanted[{part.topic, part.partition}] = part.next_offset;
  for (const auto& standing : standings(client_.get(), with_prefix(wanted), std::chrono::seconds(3))) {
    for (auto& part : parts) {
      if (engine_.prefix + part.topic != standing.place.topic || part.partition != standing.place.partition) continue;
      part.whole = standing.whole();
      if (!standing.lost()) continue;
      const auto to = standing.restart();
      if (engine_.store.reset_position(part.topic, part.partition, part.epoch, part.stored_offset, to)) {
        note_restart(part.topic, part.partition, part.stored_offset, to);
        part.next_offset = part.stored_offset = part.fetched = to;
      }
    }
  }
}

void Group::revoke() {
  for (auto& worker : workers_) {
    worker->remove(owned_);
    worker->own_lanes({});
  }
  engine_.gaps.forget_all();
  if (unassigned_since_ == 0) unassigned_since_ = engine_.clocks.steady_ms();
  owned_.clear();
  owned_lanes_ = 0;
}

void Group::stop() {
  if (stop_.exchange(true)) return;
  {
    const std::lock_guard lock(client_mutex_);
    stopping_.notify_all();
    if (client_) kafka::end_poll(client_.get());
  }
  if (checker_.joinable()) checker_.join();
  if (thread_.joinable()) thread_.join();
  for (auto& worker : workers_) worker->stop();
  workers_running_ = false;
  if (watchdog_.joinable()) watchdog_.join();
  client_.reset();
}

void Group::timer_set(Time due) {
  for (auto& worker : workers_) worker->timer_set(due);
}
void Group::wake_timers(Time now) {
  for (auto& worker : workers_)
    if (worker->timer_due(now)) worker->wake();
}
void Group::watch() {
  const telemetry::ServiceScope scope(engine_.registry.service());
  name_thread(engine_.registry.service(), "watch");
  auto said = std::chrono::steady_clock::now() - std::chrono::hours(1);
  auto look = said;
  const auto tick = std::clamp(engine_.limits.slow / 2, std::chrono::milliseconds(10), std::chrono::milliseconds(100));
  while (!stop_) {
    std::this_thread::sleep_for(tick);
    for (auto& worker : workers_) worker->watch();
    const auto now = std::chrono::steady_clock::now();
    if (now < look) continue;
    look = now + std::chrono::seconds(1);
    const auto lanes = stalled_lanes();
    engine_.metrics.stalled.set(lanes.empty() ? 0 : 1);
    engine_.metrics.slow_now.set(static_cast<double>(slow_keys().size()));
    if (lanes.empty() || now - said < std::chrono::minutes(1)) continue;
    telemetry::log_error("the service is stalled", {telemetry::field::error(describe(lanes))});
    said = now;
  }
}

std::vector<StalledLane> Group::stalled_lanes() const {
  std::vector<StalledLane> all;
  for (const auto& worker : workers_)
    for (auto& one : worker->stalled_lanes()) all.push_back(std::move(one));
  return all;
}

std::vector<SlowHandler> Group::slow_keys() const {
  std::vector<SlowHandler> all;
  for (const auto& worker : workers_)
    for (auto& one : worker->slow_keys()) all.push_back(std::move(one));
  return all;
}

bool Group::any_slow() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->any_slow(); });
}

bool Group::live(std::string* why_not) const {
  const auto now = engine_.clocks.steady_ms();
  const std::int64_t polled = polled_ms_;
  if (const auto silent = now - polled; polled != 0 && silent > 120'000) {
    if (why_not != nullptr) *why_not = "the consumer has not been polled for " + std::to_string(silent / 1000) + " s";
    return false;
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const auto silent = now - workers_[i]->last_round_ms();
    if (!workers_running_ || silent < 60'000) continue;
    if (why_not != nullptr) {
      *why_not = "lane worker " + std::to_string(i) + " has been stuck for " + std::to_string(silent / 1000) + " s";
    }
    return false;
  }
  return true;
}

}  // namespace loomline::eventing
