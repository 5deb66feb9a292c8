#include "src/lanes.hpp"

#include <algorithm>

#include "loomline/telemetry/log.hpp"
#include "src/columns.hpp"
#include "src/lane_step.hpp"

namespace loomline::eventing {
namespace {

constexpr std::size_t kBatch = 500;
constexpr std::size_t kBacklog = 2000;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::vector<Part> claim(postgres::Pool& pool, const std::string& owner,
                        const std::vector<std::pair<std::string, int>>& wanted) {
  Texts topics;
  Numbers partitions;
  for (const auto& [topic, partition] : wanted) {
    topics.push_back(topic);
    partitions.push_back(partition);
  }
  std::vector<Part> parts;
  postgres::retry(pool, [&](postgres::Transaction& transaction) {
    transaction.queue(
        "INSERT INTO consumer_offset AS c (topic, partition, owner)"
        " SELECT topic, partition, $3 FROM unnest($1::text[], $2::bigint[]) AS n(topic, partition) ORDER BY 1, 2"
        " ON CONFLICT (topic, partition) DO UPDATE SET epoch = c.epoch + 1, owner = EXCLUDED.owner"
        " RETURNING topic, partition, next_offset, epoch",
        postgres::text_array(topics), postgres::bigint_array(partitions), owner);
    transaction.queue(
        "SELECT s.topic, s.partition, s.source, s.epoch, s.last_seq FROM unnest($1::text[], $2::bigint[])"
        " AS n(topic, partition) JOIN source_chain s ON s.topic = n.topic AND s.partition = n.partition",
        postgres::text_array(topics), postgres::bigint_array(partitions));
    const auto answers = transaction.sync();
    parts.clear();
    std::map<std::pair<std::string, int>, std::size_t> index;
    for (const auto row : answers[0]) {
      Part part;
      part.topic = row.text(0);
      part.partition = row.get<int>(1);
      part.next_offset = part.fetched = row.int64(2);
      part.epoch = row.int64(3);
      index[{part.topic, part.partition}] = parts.size();
      parts.push_back(std::move(part));
    }
    for (const auto row : answers[1]) {
      auto& part = parts[index.at({row.get<std::string>(0), row.get<int>(1)})];
      part.last_seq[{row.get<std::string>(2), row.int64(3)}] = row.int64(4);
    }
  });
  return parts;
}

LaneWorker::LaneWorker(Engine& engine, int number) : engine_(engine), number_(number), last_round_ms_(steady_ms()) {}
LaneWorker::~LaneWorker() { stop(); }

void LaneWorker::start() {
  thread_ = std::thread([this] { run(); });
}

void LaneWorker::stop() {
  {
    const std::lock_guard lock(wake_mutex_);
    stop_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LaneWorker::wake() {
  {
    const std::lock_guard lock(wake_mutex_);
    wake_ = true;
  }
  woken_.notify_one();
}

void LaneWorker::on_queue(rd_kafka_t*, void* opaque) {
  auto* self = static_cast<LaneWorker*>(opaque);
  self->arrived_ = true;
  self->wake();
}

void LaneWorker::add(std::vector<Part> parts, rd_kafka_t* client) {
  {
    const std::lock_guard lock(step_mutex_);
    client_ = client;
    for (auto& part : parts) {
      rd_kafka_queue_cb_event_enable(part.queue.get(), &LaneWorker::on_queue, this);
      const std::pair id{part.topic, part.partition};
      parts_.insert_or_assign(id, std::move(part));
    }
  }
  arrived_ = true;
  wake();
}

void LaneWorker::remove(const std::set<std::pair<std::string, int>>& parts) {
  const std::lock_guard lock(step_mutex_);
  for (const auto& id : parts) {
    const auto found = parts_.find(id);
    if (found == parts_.end()) continue;
    rd_kafka_queue_cb_event_enable(found->second.queue.get(), nullptr, nullptr);
    parts_.erase(found);
  }
}

void LaneWorker::set_timer_lanes(std::set<int> lanes) {
  {
    const std::lock_guard lock(step_mutex_);
    timer_lanes_ = std::move(lanes);
    earliest_timer_ = 0;  // unknown: look
  }
  wake();
}

void LaneWorker::timer_set(Time due) {
  auto known = earliest_timer_.load();
  while (micros(due) < known && !earliest_timer_.compare_exchange_weak(known, micros(due))) {
  }
  if (due <= engine_.clock.now()) wake();
}

void LaneWorker::positions(std::map<std::pair<std::string, int>, std::int64_t>& out) const {
  const std::lock_guard lock(step_mutex_);
  for (const auto& [id, part] : parts_) out[id] = part.next_offset;
}

void LaneWorker::run() {
  const telemetry::ServiceScope scope(engine_.registry.service());
  auto look_for_timers = std::chrono::steady_clock::now();
  for (;;) {
    {
      std::unique_lock lock(wake_mutex_);
      woken_.wait_for(lock, std::chrono::milliseconds(100), [this] { return wake_ || stop_; });
      if (stop_) return;
      wake_ = false;
    }
    last_round_ms_ = steady_ms();
    // Timers that another replica's commands set are not announced here.
    if (!engine_.publisher.alone() && std::chrono::steady_clock::now() > look_for_timers) {
      earliest_timer_ = 0;
      look_for_timers = std::chrono::steady_clock::now() + std::chrono::milliseconds(250);
    }
    bool again = false;
    try {
      const std::lock_guard lock(step_mutex_);
      if (reclaim_) reclaim();
      again = work_events();
      again = work_timers() || again;
      failures_ = 0;
    } catch (const postgres::Error& error) {
      telemetry::log_warn("a lane has to wait", {telemetry::field::error(error)});
      // An offset that moved, or a commit in doubt: the row says what was applied.
      if (error.in_doubt() || error.kind() == postgres::ErrorKind::refused) {
        const std::lock_guard lock(step_mutex_);
        reclaim_ = true;
      }
      if (!error.retryable() && !error.in_doubt()) {
        ++failures_;
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1000, 20 << std::min(failures_, 6))));
      }
      again = true;
    } catch (const std::exception& error) {
      telemetry::log_error("a lane failed", {telemetry::field::error(error)});
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      again = true;
    }
    if (again) wake();
  }
}

// Moves what has arrived into the backlogs; true where queues hold more.
bool LaneWorker::collect() {
  if (arrived_.exchange(false)) {
    for (auto& [id, part] : parts_) part.has_more = true;
  }
  bool more = false;
  std::array<rd_kafka_message_t*, 256> taken{};
  for (auto& [id, part] : parts_) {
    while (part.has_more && part.backlog.size() < kBacklog) {
      const auto count = rd_kafka_consume_batch_queue(part.queue.get(), 0, taken.data(), taken.size());
      for (ssize_t i = 0; i < count; ++i) {
        const kafka::Message message(taken[static_cast<std::size_t>(i)]);
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset < part.fetched) continue;
        Received received;
        received.offset = message->offset;
        if (message->key != nullptr) received.key.assign(static_cast<const char*>(message->key), message->key_len);
        if (message->payload != nullptr) received.body.assign(static_cast<const char*>(message->payload), message->len);
        received.headers = kafka::headers_of(*message);
        part.fetched = message->offset + 1;
        part.backlog.push_back(std::move(received));
      }
      if (count < static_cast<ssize_t>(taken.size())) part.has_more = false;
    }
    more = more || part.has_more;
  }
  return more;
}

bool LaneWorker::work_events() {
  if (parts_.empty() || engine_.publisher.congested()) return false;
  const bool more = collect();
  LaneStep step(engine_);
  std::size_t waiting = 0;
  std::size_t busy = 0;
  for (const auto& [id, part] : parts_) busy += part.backlog.empty() ? 0 : 1;
  if (busy == 0) return more;
  const auto share = std::max<std::size_t>(20, kBatch / busy);
  for (auto& [id, part] : parts_) {
    step.read(part, share);
    waiting += part.backlog.size();
  }
  if (!step.empty()) step.commit();
  std::size_t left = 0;
  for (const auto& [id, part] : parts_) left += part.backlog.size();
  for (const auto& gap : step.gaps()) {
    auto& part = *gap.part;
    engine_.metrics.gaps.increment();
    telemetry::log_warn(
        "a gap in a chain",
        {telemetry::field::id("topic", part.topic), telemetry::field::number("partition", part.partition),
         telemetry::field::number("offset", gap.offset), telemetry::field::number("missing", gap.missing)});
    if (part.gap_at != gap.offset) {
      if (part.gap_at < 0) part.gap_rewinds = 0;
      part.gap_at = gap.offset;
    }
    // Twice the gap back, then the whole topic; after that the gap is real, and what lies behind it is skipped until
    // the publisher has refilled it (it sends everything from the gap on again).
    if (part.gap_rewinds == 0) {
      ++part.gap_rewinds;
      rewind(part, std::max<std::int64_t>(0, part.next_offset - 2 * gap.missing - 64));
    } else if (part.gap_rewinds == 1) {
      ++part.gap_rewinds;
      rewind(part, 0);
    } else {
      part.backlog.pop_front();
    }
  }
  return more || left > 0 || waiting > left;
}

void LaneWorker::rewind(Part& part, std::int64_t offset) {
  part.backlog.clear();
  part.fetched = 0;
  const auto list =
      kafka::list_of({{engine_.prefix + part.topic, part.partition, offset == 0 ? RD_KAFKA_OFFSET_BEGINNING : offset}});
  if (auto* error = rd_kafka_seek_partitions(client_, list.get(), 5000); error != nullptr) {
    telemetry::log_warn("a partition could not be rewound", {telemetry::field::error(rd_kafka_error_string(error))});
    rd_kafka_error_destroy(error);
  }
  part.has_more = true;
}

void LaneWorker::reclaim() {
  std::vector<std::pair<std::string, int>> ids;
  for (const auto& [id, part] : parts_) ids.push_back(id);
  for (auto& fresh : claim(engine_.pool, engine_.instance, ids)) {
    auto& part = parts_.at({fresh.topic, fresh.partition});
    const bool moved = fresh.next_offset != part.next_offset;
    part.epoch = fresh.epoch;
    part.next_offset = fresh.next_offset;
    part.last_seq = std::move(fresh.last_seq);
    if (moved) rewind(part, part.next_offset);
    if (moved && part.next_offset > 0) part.fetched = part.next_offset;
  }
  reclaim_ = false;
}

bool LaneWorker::work_timers() {
  if (timer_lanes_.empty() || micros(engine_.clock.now()) < earliest_timer_) return false;
  // Raised first: a timer that is set meanwhile lowers it again.
  earliest_timer_ = micros(Time::max());
  try {
    const auto next = fire_timers(engine_, timer_lanes_);
    timer_set(next);
    return next <= engine_.clock.now();
  } catch (...) {
    earliest_timer_ = 0;
    throw;
  }
}

}  // namespace loomline::eventing
