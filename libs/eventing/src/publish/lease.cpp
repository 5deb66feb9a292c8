// The publisher's slow work on the database: leases, heads, watermarks, trimming.
#include <algorithm>

#include "loomline/telemetry/log.hpp"
#include "src/commit/columns.hpp"
#include "src/commit/forget.hpp"
#include "src/publish/publisher.hpp"

namespace loomline::eventing {

void Publisher::reload_chains() {
  const auto chains = open_chains(pool_, registry_, options_.partitions);
  const std::lock_guard lock(mutex_);
  for (const auto& [id, chain] : chains) {
    auto& progress = chains_[id];
    progress.chain = chain;
    progress.known = std::max(progress.known, chain.head);
  }
  for (auto entry = chains_.begin(); entry != chains_.end();) {
    const bool open = chains.contains(entry->first);
    if (!open) drop_buffer(entry->second);
    entry = open ? std::next(entry) : chains_.erase(entry);
  }
}

void Publisher::poll_heads() {
  const auto rows = pool_.acquire()->exec("SELECT id, next_seq - 1 FROM chain WHERE NOT closed");
  const std::lock_guard lock(mutex_);
  for (const auto row : rows) {
    const auto found = chains_.find(row.int64(0));
    if (found != chains_.end()) found->second.known = std::max(found->second.known, row.int64(1));
  }
}

void Publisher::renew_leases() {
  auto connection = pool_.acquire();
  connection->exec(
      "INSERT INTO replica (instance, seen) VALUES ($1::text, now()) ON CONFLICT (instance) DO UPDATE SET seen = now()",
      options_.instance);
  const auto replicas = connection->exec("SELECT count(*) FROM replica WHERE seen > now() - interval '15 seconds'");
  alone_ = replicas.one().int64(0) <= 1;
  const auto rows = connection->exec(
      "UPDATE publication p SET owner = $1::text, until = now() + interval '6 seconds' FROM chain c"
      " WHERE c.id = p.chain AND NOT c.closed AND (p.owner = $1::text OR p.until < now())"
      " RETURNING p.chain, p.published, p.end_offset",
      options_.instance);
  std::set<std::int64_t> held;
  bool unknown = false;
  {
    const std::lock_guard lock(mutex_);
    for (const auto row : rows) {
      held.insert(row.int64(0));
      if (chains_.contains(row.int64(0))) {
        lease(row.int64(0), row.int64(1), row.int64(2));
      } else {
        unknown = true;  // of another replica's new epoch; leased when it is known
      }
    }
    for (auto& [id, progress] : chains_) {
      if (held.contains(id) || !progress.leased) continue;
      progress.leased = false;  // another replica took over while this one was away
      drop_buffer(progress);
    }
  }
  if (unknown) reload_chains();
}

// The broker, not the watermark, says what it has: the tail is looked at before anything is sent.
void Publisher::lease(std::int64_t chain, std::int64_t published, std::int64_t end) {
  auto& progress = chains_.at(chain);
  if (progress.leased) return;
  progress.leased = true;
  progress.acked = published;
  progress.flushed = published;
  progress.end = end;
  drop_buffer(progress);
  progress.look_first({});
}

void Publisher::flush_watermarks() {
  Numbers chains, seqs, ends;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, progress] : chains_) {
      if (!progress.leased || progress.look || progress.acked == progress.flushed) continue;
      chains.push_back(id);
      seqs.push_back(progress.acked);
      ends.push_back(progress.end);
    }
  }
  if (chains.empty()) return;
  pool_.acquire()->exec(
      "UPDATE publication p SET published = n.seq, end_offset = n.stop"
      " FROM unnest($1::bigint[], $2::bigint[], $4::bigint[]) AS n(chain, seq, stop)"
      " WHERE p.chain = n.chain AND p.owner = $3::text",
      postgres::bigint_array(chains), postgres::bigint_array(seqs), options_.instance, postgres::bigint_array(ends));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < chains.size(); ++i) {
    if (const auto found = chains_.find(chains[i]); found != chains_.end()) found->second.flushed = seqs[i];
  }
}

void Publisher::observe() {
  metrics_.backlog.set(static_cast<double>(backlog_ + unacknowledged_));
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
  {
    // Kept for hours: a broker that did not sync its disk may lose its tail and must be refilled.
    auto connection = pool_.acquire();
    connection->exec("SELECT kernel_rotate_outbox(now())");  // by itself: its locks are not held for the rest
    connection->exec("DELETE FROM idempotency WHERE at < now() - interval '7 days'");
    connection->exec("DELETE FROM replica WHERE seen < now() - interval '1 day'");
  }
  forget_parts(pool_, std::chrono::hours(24));
}

}  // namespace loomline::eventing
