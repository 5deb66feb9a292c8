#include "src/publisher.hpp"

#include <algorithm>
#include <stdexcept>

#include "loomline/telemetry/log.hpp"
#include "src/commit/columns.hpp"
#include "src/envelope.hpp"
#include "src/faults.hpp"

namespace loomline::eventing {
namespace {

// A message's opaque: chain and seq in one pointer-sized number.
constexpr int kSeqBits = 40;
void* pack(std::int64_t chain, std::int64_t seq) {
  return reinterpret_cast<void*>((chain << kSeqBits) | (seq & ((std::int64_t{1} << kSeqBits) - 1)));
}
std::pair<std::int64_t, std::int64_t> unpack(const void* opaque) {
  const auto both = reinterpret_cast<std::int64_t>(opaque);
  return {both >> kSeqBits, both & ((std::int64_t{1} << kSeqBits) - 1)};
}

}  // namespace

Publisher::Publisher(const Registry& registry, postgres::Pool& pool, PublisherOptions options)
    : registry_(registry), pool_(pool), options_(std::move(options)), metrics_(registry.service()) {}

Publisher::~Publisher() { stop(std::chrono::milliseconds(0)); }

void Publisher::make_producer() {
  kafka::Config config(options_.brokers, "loomline-" + registry_.service());
  config.set("enable.idempotence", "true").set("acks", "all").set("message.timeout.ms", "0").set("linger.ms", "1");
  config.set("queue.buffering.max.messages", "500000").set("queue.buffering.max.kbytes", "524288");
  config.set("retry.backoff.ms", "50");
  rd_kafka_conf_set_dr_msg_cb(config.get(), &Publisher::on_delivery);
  rd_kafka_conf_set_opaque(config.get(), this);
  producer_ = config.producer();
  const kafka::Queue main(rd_kafka_queue_get_main(producer_.get()));
  rd_kafka_queue_cb_event_enable(
      main.get(), [](rd_kafka_t*, void* self) { static_cast<Publisher*>(self)->wake(); }, this);
}

void Publisher::start() {
  reload_chains();
  if (lanes_.empty()) return;  // a service that says nothing
  make_producer();
  renew_leases();
  thread_ = std::thread([this] { run(); });
}

void Publisher::reload_chains() {
  const auto chains = open_chains(pool_, registry_, options_.partitions);
  const std::lock_guard lock(mutex_);
  for (const auto& [id, chain] : chains) {
    auto& lane = lanes_[id];
    lane.chain = chain;
    lane.known = std::max(lane.known, chain.head);
  }
  std::erase_if(lanes_, [&](const auto& entry) { return !chains.contains(entry.first); });
}

void Publisher::wake() {
  {
    const std::lock_guard lock(inbox_mutex_);
    wake_ = true;
  }
  woken_.notify_one();
}

void Publisher::offer(std::vector<Committed> events) {
  if (events.empty()) return;
  if (faults::exit_after_commit) _exit(9);
  if (faults::lose_offers) return;
  std::int64_t bytes = 0;
  for (const auto& event : events) bytes += static_cast<std::int64_t>(event.body.size()) + 400;
  backlog_ += bytes;
  {
    const std::lock_guard lock(inbox_mutex_);
    inbox_.insert(inbox_.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
    wake_ = true;
  }
  woken_.notify_one();
}

void Publisher::take_offers(std::unique_lock<std::mutex>& lock) {
  auto events = std::exchange(inbox_, {});
  wake_ = false;
  lock.unlock();
  const std::lock_guard lanes_lock(mutex_);
  for (auto& event : events) {
    const auto found = lanes_.find(event.chain);
    const auto bytes = static_cast<std::int64_t>(event.body.size()) + 400;
    if (found == lanes_.end() || event.seq <= found->second.sent) {
      backlog_ -= bytes;
      continue;
    }
    auto& lane = found->second;
    lane.known = std::max(lane.known, event.seq);
    if (!lane.leased) {
      backlog_ -= bytes;
      continue;
    }
    const auto seq = event.seq;
    if (!lane.buffer.emplace(seq, std::move(event)).second) backlog_ -= bytes;
  }
}

bool Publisher::produce(Lane& lane, const Committed& event) {
  Envelope envelope;
  envelope.source = registry_.service();
  envelope.epoch = lane.chain.epoch;
  envelope.seq = event.seq;
  envelope.id = event_id(envelope.source, envelope.epoch, lane.chain.topic, lane.chain.partition, event.seq);
  envelope.type = event.type;
  envelope.tenant = event.tenant;
  envelope.causation = event.causation;
  envelope.traceparent = event.traceparent;
  envelope.time = event.time;
  auto* headers = rd_kafka_headers_new(12);
  for (const auto& [name, value] : to_headers(envelope)) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  const std::string topic = options_.prefix + lane.chain.topic;
  void* body = const_cast<char*>(event.body.data());  // copied by librdkafka, never written
// librdkafka's own macros cast in C style.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
  const auto error =
      rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(lane.chain.partition),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
                        RD_KAFKA_V_VALUE(body, event.body.size()), RD_KAFKA_V_HEADERS(headers),
                        RD_KAFKA_V_OPAQUE(pack(lane.chain.id, event.seq)), RD_KAFKA_V_END);
#pragma GCC diagnostic pop
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  rd_kafka_headers_destroy(headers);
  if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) broken_ = true;
  return false;
}

bool Publisher::send(Lane& lane) {
  while (!lane.buffer.empty() && !broken_) {
    const auto first = lane.buffer.begin();
    const auto bytes = static_cast<std::int64_t>(first->second.body.size()) + 400;
    if (first->first > lane.sent + 1) return false;
    if (first->first == lane.sent + 1) {
      if (!produce(lane, first->second)) return true;  // the queue is full: later
      lane.sent = first->first;
    }
    backlog_ -= bytes;
    lane.buffer.erase(first);
  }
  return true;
}

void Publisher::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  static_cast<Publisher*>(opaque)->delivered(*message);
}

void Publisher::delivered(const rd_kafka_message_t& message) {
  const auto [chain, seq] = unpack(message._private);
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    broken_ = true;
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto found = lanes_.find(chain);
  if (found == lanes_.end()) return;
  found->second.acked = std::max(found->second.acked, seq);
  found->second.end = std::max(found->second.end, message.offset + 1);
}

bool Publisher::all_sent() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& entry) {
    return !entry.second.leased || (entry.second.acked >= entry.second.known && entry.second.buffer.empty());
  });
}

void Publisher::stop(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  const auto deadline = Clock::now() + patience;
  while (Clock::now() < deadline && !all_sent()) {
    wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  {
    const std::lock_guard lock(inbox_mutex_);
    stop_ = true;
  }
  woken_.notify_one();
  thread_.join();
  try {
    flush_watermarks();
    auto connection = pool_.acquire();
    connection->queue("UPDATE publication SET owner = '', until = '-infinity' WHERE owner = $1", options_.instance);
    connection->queue("DELETE FROM replica WHERE instance = $1", options_.instance);
    connection->sync();
  } catch (const std::exception&) {
    // The lease runs out by itself, and the tail comparison makes up for the watermark.
  }
  rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(producer_.get(), 0);
  producer_.reset();
}

void Publisher::run() {
  const telemetry::ServiceScope scope(registry_.service());
  auto heads_at = Clock::now(), lease_at = heads_at + std::chrono::seconds(2), mark_at = heads_at, trim_at = heads_at,
       observe_at = heads_at;
  for (;;) {
    {
      std::unique_lock lock(inbox_mutex_);
      woken_.wait_for(lock, std::chrono::milliseconds(alone_ ? 50 : 10), [this] { return wake_ || stop_; });
      if (stop_) return;
      take_offers(lock);
    }
    try {
      rd_kafka_poll(producer_.get(), 0);
      if (broken_) rebuild();
      const auto now = Clock::now();
      if (now >= heads_at) {
        poll_heads();
        heads_at = now + std::chrono::milliseconds(alone_ ? 1000 : 15);
      }
      if (now >= lease_at) {
        renew_leases();
        lease_at = now + std::chrono::seconds(2);
      }
      fill_holes();
      if (now >= mark_at) {
        flush_watermarks();
        mark_at = now + std::chrono::milliseconds(alone_ ? 500 : 50);
      }
      if (now >= observe_at) {
        observe();
        observe_at = now + std::chrono::seconds(10);
      }
      if (now >= trim_at) {
        trim();
        trim_at = now + std::chrono::minutes(5);
      }
    } catch (const std::exception& error) {
      telemetry::log_warn("the publisher has to wait", {telemetry::field::error(error)});
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }
}

void Publisher::fill_holes() {
  std::vector<Lane*> missing;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, lane] : lanes_) {
      if (!lane.leased) continue;
      const bool complete = send(lane);
      if (broken_) return;
      if (lane.sent >= lane.known || (complete && !lane.buffer.empty())) {
        lane.hole_since = {};
        continue;
      }
      // Another thread's offer may be a moment behind its commit: only then ask the database.
      const auto now = Clock::now();
      if (lane.hole_since == Clock::time_point{}) lane.hole_since = now;
      if (now - lane.hole_since < std::chrono::milliseconds(3)) {
        wake();
        continue;
      }
      missing.push_back(&lane);
    }
  }
  for (auto* lane : missing) fetch(*lane);
}

void Publisher::fetch(Lane& lane) {
  auto connection = pool_.acquire();
  const auto rows = connection->exec(
      "SELECT seq, tenant, key, type, body, causation, traceparent, time FROM outbox WHERE chain = $1 AND seq > $2"
      " ORDER BY seq LIMIT 500",
      lane.chain.id, lane.sent);
  const std::lock_guard lock(mutex_);
  lane.hole_since = {};
  if (rows.empty()) {
    lane.known = lane.sent;  // hinted by a head that rolled back, or trimmed long ago
    return;
  }
  if (rows[0].int64(0) > lane.sent + 1) {
    telemetry::log_error(
        "the broker lost events that the outbox no longer holds",
        {telemetry::field::number("from", lane.sent + 1), telemetry::field::number("to", rows[0].int64(0))});
    lane.sent = rows[0].int64(0) - 1;
  }
  for (const auto row : rows) {
    Committed event{lane.chain.id,
                    row.int64(0),
                    row.get<std::string>(1),
                    row.get<std::string>(2),
                    row.get<std::string>(3),
                    std::string(row.bytes(4)),
                    row.get<std::string>(5),
                    row.get<std::string>(6),
                    from_micros(row.int64(7))};
    const auto bytes = static_cast<std::int64_t>(event.body.size()) + 400;
    const auto seq = event.seq;
    if (lane.buffer.emplace(seq, std::move(event)).second) backlog_ += bytes;
  }
  send(lane);
  wake();
}

std::map<std::pair<std::string, int>, std::int64_t> Publisher::produced() const {
  const std::lock_guard lock(mutex_);
  std::map<std::pair<std::string, int>, std::int64_t> out;
  for (const auto& [id, lane] : lanes_) {
    if (lane.leased && lane.end > 0) out[{lane.chain.topic, lane.chain.partition}] = lane.end;
  }
  return out;
}

std::string Publisher::positions(const std::vector<Committed>& events, std::string_view causation) const {
  std::map<std::int64_t, std::int64_t> last;
  for (const auto& event : events) {
    if (event.causation == causation) last[event.chain] = event.seq;
  }
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& [id, seq] : last) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) continue;
    const auto& chain = found->second.chain;
    if (!text.empty()) text += ';';
    text += chain.topic + "/" + std::to_string(chain.partition) + "/" + std::to_string(chain.epoch) + "/" +
            std::to_string(seq);
  }
  return text;
}

std::map<std::int64_t, std::int64_t> Publisher::acknowledged() const {
  const std::lock_guard lock(mutex_);
  std::map<std::int64_t, std::int64_t> out;
  for (const auto& [id, lane] : lanes_) {
    if (lane.leased) out[id] = lane.acked;
  }
  return out;
}

}  // namespace loomline::eventing
