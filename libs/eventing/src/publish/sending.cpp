// From the buffers to the broker, and what the broker says to it.
#include <algorithm>

#include "loomline/telemetry/log.hpp"
#include "src/faults.hpp"
#include "src/publish/publisher.hpp"

namespace loomline::eventing {

using std::chrono::milliseconds;

void Publisher::make_producer() {
  producer_ = outlet_.producer([this] { reported(); }, [this](const Delivery& delivery) { delivered(delivery); });
}

// A fatal error of the idempotent producer: a new one sends again what was not acknowledged, after a look at the tails
// (the broker may have lost more than the producer's numbers).
void Publisher::rebuild() {
  metrics_.rebuilds.increment();
  telemetry::log_warn("the Kafka producer is rebuilt", {});
  {
    const std::lock_guard lock(producer_mutex_);
    producer_.reset();
    unacknowledged_ = 0;
    make_producer();
  }
  const std::lock_guard lock(mutex_);
  for (auto& [id, progress] : chains_) {
    if (!progress.leased) continue;
    drop_buffer(progress);
    progress.look_first({.depth = 1000});
  }
}

void Publisher::delivered(const Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  const auto found = chains_.find(delivery.chain);
  if (found != chains_.end()) delivered(found->second, delivery);
}

void Publisher::delivered(ChainProgress& progress, const Delivery& delivery) {
  using News = ChainProgress::News;
  const auto now = clocks_.steady();
  switch (progress.delivered(delivery, now)) {
    case News::progress:
    case News::stale:
      return;
    case News::unsure:
      progress.start_over(progress.acked);
      break;
    case News::lost:
      telemetry::log_error("the broker lost events that it had acknowledged; they are sent again",
                           {telemetry::field::id("topic", progress.chain.topic),
                            telemetry::field::number("partition", progress.chain.partition),
                            telemetry::field::number("offset", delivery.offset)});
      progress.look_first({.offset = delivery.offset, .depth = 1000});
      break;
    case News::refused:
      progress.trouble = rd_kafka_err2str(delivery.error);
      progress.start_over(progress.acked);
      progress.retry_at = now + milliseconds(500);
      break;
  }
  drop_buffer(progress);
  metrics_.resends.increment();
}

void Publisher::drop_buffer(ChainProgress& progress) {
  for (const auto& [seq, event] : progress.buffer) {
    backlog_ -= weight(event);
    progress.left_out += weight(event);
  }
  progress.buffer.clear();
}

// Hands over what is next in order; false where the next number is not in the buffer.
bool Publisher::send(ChainProgress& progress) {
  const auto now = clocks_.steady();
  while (!progress.buffer.empty()) {
    const auto first = progress.buffer.begin();
    if (first->first > progress.sent + 1) return false;
    if (first->first == progress.sent + 1) {
      if (!progress.may_send(now)) return true;
      if (faults::planted(faults::Bug::skip_sequence) && first->first % 7 == 0) {
        progress.sent = progress.acked = first->first;
        continue;
      }
      const auto error = producer_->send(progress.chain, progress.round(), first->second);
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) progress.trouble = rd_kafka_err2str(error);
        progress.retry_at = now + milliseconds(error == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 5 : 500);
        return true;
      }
      progress.sent = first->first;
    }
    backlog_ -= weight(first->second);
    progress.buffer.erase(first);
  }
  return progress.sent >= progress.known;
}

void Publisher::send_all() {
  std::vector<std::int64_t> wanted;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clocks_.steady();
    for (auto& [id, progress] : chains_) {
      if (progress.leased && !progress.look && !send(progress) && missing(progress, now)) wanted.push_back(id);
    }
    unacknowledged_ = producer_->unacknowledged();
  }
  for (const auto chain : wanted) fetch(chain);
}

// Whether the next number must be fetched now.
bool Publisher::missing(ChainProgress& progress, Clock::time_point now) {
  if (!progress.may_send(now)) return false;
  // Another thread's offer may be a moment behind its commit: only then ask the database.
  if (!progress.behind) {
    if (progress.hole_since == Clock::time_point{}) progress.hole_since = now;
    if (now - progress.hole_since < milliseconds(3)) {
      wake();
      return false;
    }
  }
  // Refilling never fills the memory: it waits for the broker, and what is in the way is read again when its turn
  // comes.
  if (backlog_ + producer_->unacknowledged() < kMostBytes / 2) return true;
  drop_buffer(progress);
  progress.behind = true;
  return backlog_ + producer_->unacknowledged() < kMostBytes / 2;
}

void Publisher::fetch(std::int64_t chain) {
  std::int64_t after = 0, known = 0;
  int round = 0;
  bool all_reported = false;
  {
    const std::lock_guard lock(mutex_);
    const auto& progress = chains_.at(chain);
    after = progress.sent;
    known = progress.known;
    round = progress.round();
    all_reported = progress.acked == progress.sent;
  }
  auto events = store_.read_outbox(chain, after);
  // What is neither on the broker nor here any more is gone; consumers that miss it stand until an operator decides.
  const auto first = events.empty() ? known + 1 : events.front().seq;
  const bool hole = first > after + 1;
  if (hole && !all_reported) return;  // first what is under way
  if (hole) store_.record_hole(chain, after + 1, first - 1);
  const std::lock_guard lock(mutex_);
  auto& progress = chains_.at(chain);
  progress.hole_since = {};
  if (progress.round() != round || progress.sent != after) return;
  if (hole) {
    metrics_.holes.increment();
    telemetry::log_error("the broker lost events that the outbox no longer holds; see loomline chain show",
                         {telemetry::field::id("topic", progress.chain.topic),
                          telemetry::field::number("partition", progress.chain.partition),
                          telemetry::field::number("from", after + 1), telemetry::field::number("to", first - 1)});
    progress.start_over(first - 1);
  }
  for (auto& event : events) {
    const auto seq = event.seq;
    const auto bytes = weight(event);
    if (progress.buffer.emplace(seq, std::move(event)).second) backlog_ += bytes;
    progress.left_out = std::max<std::int64_t>(0, progress.left_out - bytes);
  }
  send(progress);
  // From here on offers come in time again.
  if (progress.sent >= progress.known) {
    progress.behind = false;
    progress.left_out = 0;
  }
  wake();
}

}  // namespace loomline::eventing
