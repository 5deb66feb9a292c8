#include "src/publish/postgres_chains.hpp"

#include "src/commit/columns.hpp"
#include "src/commit/forget.hpp"
#include "src/commit/statistics.hpp"

namespace loomline::eventing {

std::vector<std::pair<std::int64_t, std::int64_t>> PostgresChains::heads() {
  std::vector<std::pair<std::int64_t, std::int64_t>> heads;
  for (const auto row : pool_.acquire()->exec("SELECT id, next_seq - 1 FROM chain WHERE NOT closed"))
    heads.emplace_back(row.int64(0), row.int64(1));
  return heads;
}

ChainStore::Leases PostgresChains::renew_leases(const std::string& instance) {
  auto connection = pool_.acquire();
  connection->exec(
      "INSERT INTO replica (instance, seen) VALUES ($1::text, now()) ON CONFLICT (instance) DO UPDATE SET seen = now()",
      instance);
  const auto replicas = connection->exec("SELECT count(*) FROM replica WHERE seen > now() - interval '15 seconds'");
  Leases leases;
  leases.alone = replicas.one().int64(0) <= 1;
  const auto rows = connection->exec(
      "UPDATE publication p SET owner = $1::text, until = now() + interval '6 seconds' FROM chain c"
      " WHERE c.id = p.chain AND NOT c.closed AND (p.owner = $1::text OR p.until < now())"
      " RETURNING p.chain, p.published, p.end_offset",
      instance);
  for (const auto row : rows) leases.held.push_back({row.int64(0), row.int64(1), row.int64(2)});
  return leases;
}

void PostgresChains::give_up_leases(const std::string& instance) {
  auto connection = pool_.acquire();
  connection->exec("UPDATE publication SET owner = '', until = '-infinity' WHERE owner = $1::text", instance);
  connection->exec("DELETE FROM replica WHERE instance = $1::text", instance);
}

void PostgresChains::note_published(const std::string& instance, const std::vector<Lease>& reached) {
  Numbers chains, seqs, ends;
  for (const auto& one : reached) {
    chains.push_back(one.chain);
    seqs.push_back(one.published);
    ends.push_back(one.end);
  }
  pool_.acquire()->exec(
      "UPDATE publication p SET published = n.seq, end_offset = n.stop"
      " FROM unnest($1::bigint[], $2::bigint[], $4::bigint[]) AS n(chain, seq, stop)"
      " WHERE p.chain = n.chain AND p.owner = $3::text",
      postgres::bigint_array(chains), postgres::bigint_array(seqs), instance, postgres::bigint_array(ends));
}

ChainStore::Kept PostgresChains::kept() {
  const auto row = pool_.acquire()
                       ->exec(
                           "SELECT count(*), coalesce(extract(epoch FROM now() - min(since)), 0)::float8,"
                           " (SELECT count(*) FROM dead_letter WHERE state = 1) FROM pending")
                       .one();
  return {static_cast<double>(row.int64(0)), row.real(1), static_cast<double>(row.int64(2))};
}

void PostgresChains::trim() {
  {
    // Kept for hours: a broker that did not sync its disk may lose its tail and must be refilled.
    auto connection = pool_.acquire();
    connection->exec("SELECT kernel_rotate_outbox(now())");  // by itself: its locks are not held for the rest
    connection->exec("DELETE FROM idempotency WHERE at < now() - interval '7 days'");
    connection->exec("DELETE FROM replica WHERE seen < now() - interval '1 day'");
  }
  forget_parts(pool_, std::chrono::hours(24));
}

void PostgresChains::follow_growth() { eventing::follow_growth(pool_); }

std::vector<std::optional<std::int64_t>> PostgresChains::applied(const std::vector<GapMet>& gaps) {
  Texts topics, sources;
  Numbers partitions, epochs;
  for (const auto& gap : gaps) {
    topics.push_back(gap.topic);
    partitions.push_back(gap.partition);
    sources.push_back(gap.source);
    epochs.push_back(gap.epoch);
  }
  const auto rows = pool_.acquire()->exec(
      "SELECT n.place, s.last_seq FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[])"
      " WITH ORDINALITY AS n(topic, partition, source, epoch, place) JOIN source_chain s ON s.topic = n.topic"
      " AND s.partition = n.partition AND s.source = n.source AND s.epoch = n.epoch",
      postgres::text_array(topics), postgres::bigint_array(partitions), postgres::text_array(sources),
      postgres::bigint_array(epochs));
  std::vector<std::optional<std::int64_t>> applied(gaps.size());
  for (const auto row : rows) applied[static_cast<std::size_t>(row.int64(0) - 1)] = row.int64(1);
  return applied;
}

}  // namespace loomline::eventing
