// The publisher's slow work: leases, tails, watermarks, trimming, and starting over after a fatal error.
#include <algorithm>
#include <stdexcept>

#include "loomline/telemetry/log.hpp"
#include "src/commit/columns.hpp"
#include "src/publisher.hpp"

namespace loomline::eventing {

void Publisher::poll_heads() {
  auto connection = pool_.acquire();
  const auto rows = connection->exec("SELECT id, next_seq - 1 FROM chain WHERE NOT closed");
  const std::lock_guard lock(mutex_);
  for (const auto row : rows) {
    const auto found = lanes_.find(row.int64(0));
    if (found != lanes_.end()) found->second.known = std::max(found->second.known, row.int64(1));
  }
}

void Publisher::renew_leases() {
  auto connection = pool_.acquire();
  connection->queue(
      "INSERT INTO replica (instance, seen) VALUES ($1, now()) ON CONFLICT (instance) DO UPDATE SET seen = now()",
      options_.instance);
  connection->queue("SELECT count(*) FROM replica WHERE seen > now() - interval '15 seconds'");
  connection->queue(
      "UPDATE publication p SET owner = $1, until = now() + interval '6 seconds' FROM chain c"
      " WHERE c.id = p.chain AND NOT c.closed AND (p.owner = $1 OR p.until < now()) RETURNING p.chain, p.published",
      options_.instance);
  const auto answers = connection->sync();
  alone_ = answers[1].one().int64(0) <= 1;
  std::map<std::int64_t, std::int64_t> held, fresh;
  for (const auto row : answers[2]) held[row.int64(0)] = row.int64(1);
  bool unknown = false;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, lane] : lanes_) {
      if (held.contains(id) && !lane.leased) fresh[id] = held.at(id);
      if (!held.contains(id) && lane.leased) {
        lane.leased = false;  // another replica took over while this one was away
        lane.buffer.clear();
      }
    }
    unknown =
        std::any_of(held.begin(), held.end(), [this](const auto& entry) { return !lanes_.contains(entry.first); });
  }
  if (unknown) reload_chains();
  adopt(fresh);
}

// Compares the tails of newly leased chains: the broker, not the watermark, says what it has.
void Publisher::adopt(const std::map<std::int64_t, std::int64_t>& published) {
  if (published.empty()) return;
  std::vector<Chain> chains;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, seq] : published) {
      if (const auto found = lanes_.find(id); found != lanes_.end()) chains.push_back(found->second.chain);
    }
  }
  const auto tails = read_tails(options_.brokers, options_.prefix, registry_.service(), chains);
  // Read again: the head must be at least as new as the tail.
  const auto open = open_chains(pool_, registry_, options_.partitions);
  for (std::size_t i = 0; i < chains.size(); ++i) {
    auto chain = chains[i];
    const auto& tail = tails[i];
    if (const auto found = open.find(chain.id); found != open.end()) chain.head = found->second.head;
    const auto old = chain.id;
    if (tail.epoch > chain.epoch || (tail.epoch == chain.epoch && tail.seq > chain.head)) {
      telemetry::log_error(
          "the database is behind the broker; a new epoch begins",
          {telemetry::field::id("topic", chain.topic), telemetry::field::number("partition", chain.partition)});
      chain = start_epoch(pool_, chain, std::max(tail.epoch, chain.epoch) + 1);
    }
    const std::lock_guard lock(mutex_);
    if (chain.id != old) lanes_.erase(old);
    auto& lane = lanes_[chain.id];
    lane.chain = chain;
    lane.leased = true;
    lane.sent = tail.epoch == chain.epoch ? tail.seq : 0;
    if (tail.epoch == 0 && tail.end > 0) lane.sent = published.at(old);
    lane.acked = lane.sent;
    lane.known = std::max(chain.head, lane.known);
    lane.end = tail.end;
    lane.hole_since = {};
    for (const auto& [seq, event] : lane.buffer) backlog_ -= static_cast<std::int64_t>(event.body.size()) + 400;
    lane.buffer.clear();
  }
}

// A fatal error of the idempotent producer, or a message that was given up: a new producer continues after the tail.
void Publisher::rebuild() {
  metrics_.rebuilds.increment();
  telemetry::log_warn("the Kafka producer is rebuilt", {});
  rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(producer_.get(), 0);
  std::map<std::int64_t, std::int64_t> leased;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, lane] : lanes_) {
      if (lane.leased) leased[id] = lane.acked;
    }
  }
  make_producer();
  adopt(leased);
  broken_ = false;
}

void Publisher::flush_watermarks() {
  Numbers chains, seqs, ends;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, lane] : lanes_) {
      if (!lane.leased || lane.acked == lane.flushed) continue;
      chains.push_back(id);
      seqs.push_back(lane.acked);
      ends.push_back(lane.end);
    }
  }
  if (chains.empty()) return;
  pool_.acquire()->exec(
      "UPDATE publication p SET published = n.seq, end_offset = n.stop"
      " FROM unnest($1::bigint[], $2::bigint[], $4::bigint[]) AS n(chain, seq, stop)"
      " WHERE p.chain = n.chain AND p.owner = $3",
      postgres::bigint_array(chains), postgres::bigint_array(seqs), options_.instance, postgres::bigint_array(ends));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < chains.size(); ++i) {
    if (const auto found = lanes_.find(chains[i]); found != lanes_.end()) found->second.flushed = seqs[i];
  }
}

void Publisher::observe() {
  metrics_.backlog.set(static_cast<double>(backlog_));
  const auto row = pool_.acquire()
                       ->exec(
                           "SELECT count(*), coalesce(extract(epoch FROM now() - min(since)), 0)::float8,"
                           " (SELECT count(*) FROM dead_letter WHERE state = 1) FROM pending")
                       .one();
  metrics_.waiting.set(static_cast<double>(row.int64(0)));
  metrics_.oldest_waiting.set(row.real(1));
  metrics_.open_letters.set(static_cast<double>(row.int64(2)));
  // What waits this long waits for something that will hardly come by itself.
  if (row.real(1) > 600) {
    telemetry::log_warn(
        "an event has waited long for its precondition",
        {telemetry::field::number("seconds", row.real(1)), telemetry::field::number("waiting", row.int64(0))});
  }
}

void Publisher::trim() {
  // Kept for hours: a broker that did not sync its disk may lose its tail and must be refilled.
  auto connection = pool_.acquire();
  connection->exec("SELECT kernel_rotate_outbox(now())");  // by itself: its locks are not held for the rest
  connection->queue("DELETE FROM idempotency WHERE at < now() - interval '7 days'");
  connection->queue("DELETE FROM replica WHERE seen < now() - interval '1 day'");
  connection->sync();
}

}  // namespace loomline::eventing
