#include "src/publish/postgres_chains.hpp"

#include <stdexcept>

#include "loomline/eventing/positions.hpp"
#include "src/commit/columns.hpp"
#include "src/commit/forget.hpp"
#include "src/commit/statistics.hpp"

namespace loomline::eventing {

std::map<std::int64_t, Chain> PostgresChains::open_chains() {
  std::vector<std::string> topics;
  for (const auto* topic : registry_.owned()) topics.push_back(topic->name());
  std::map<std::int64_t, Chain> chains;
  postgres::retry(pool_, [&](postgres::Transaction& transaction) {
    transaction.exec(
        "INSERT INTO chain (epoch, topic, partition) SELECT 1, t, p FROM unnest($1::text[]) t,"
        " generate_series(0, $2::bigint - 1) p"
        " WHERE NOT EXISTS (SELECT 1 FROM chain c WHERE c.topic = t AND c.partition = p) ORDER BY 2, 3"
        " ON CONFLICT DO NOTHING",
        postgres::text_array(topics), partitions_);
    transaction.exec("INSERT INTO publication (chain) SELECT id FROM chain ON CONFLICT DO NOTHING");
    chains.clear();
    for (const auto row :
         transaction.exec("SELECT id, epoch, topic, partition, next_seq - 1 FROM chain WHERE NOT closed")) {
      auto& chain = chains[row.int64(0)];
      chain = {row.int64(0), row.int64(1), row.get<std::string>(2), row.get<int>(3), row.int64(4)};
      chain.topic_number = topic_number(chain.topic);
    }
  });
  return chains;
}

ChainStore::Parting PostgresChains::parting(std::int64_t chain,
                                            const std::vector<std::pair<std::int64_t, Time>>& said) {
  Numbers seqs, times;
  for (const auto& [seq, time] : said) {
    seqs.push_back(seq);
    times.push_back(micros(time));
  }
  // A number may have been written more than once, and by others, too: it is ours where one of them is.
  const auto row = pool_.acquire()
                       ->exec(
                           "WITH both_have AS (SELECT o.seq, bool_or(o.time = u.time) AS same"
                           "  FROM unnest($2::bigint[], $3::bigint[]) AS u(seq, time)"
                           "  JOIN outbox o ON o.chain = $1::bigint AND o.seq = u.seq GROUP BY o.seq),"
                           " last_same AS (SELECT coalesce(max(seq), 0) AS seq FROM both_have WHERE same)"
                           " SELECT l.seq, coalesce(min(b.seq), 0) FROM last_same l"
                           " LEFT JOIN publication p ON p.chain = $1::bigint"
                           " LEFT JOIN both_have b ON b.seq > l.seq AND b.seq > p.published GROUP BY l.seq",
                           chain, postgres::bigint_array(seqs), postgres::bigint_array(times))
                       .one();
  return {row.int64(0), row.int64(1)};
}

Chain PostgresChains::start_epoch(const Chain& chain, std::int64_t epoch, std::int64_t last) {
  Chain fresh = chain;
  fresh.epoch = epoch;
  postgres::retry(pool_, [&](postgres::Transaction& transaction) {
    const auto closed = transaction.exec(
        "UPDATE chain c SET closed = true FROM publication p"
        " WHERE c.id = $1::bigint AND NOT c.closed AND p.chain = c.id"
        " RETURNING c.next_seq - 1, c.last_time, p.published",
        chain.id);
    if (closed.empty()) throw std::runtime_error("another replica has started a new epoch");
    const auto head = closed[0].int64(0);
    const auto from = std::min(head, std::max(last, closed[0].int64(2)));
    fresh.head = head - from;
    fresh.id = transaction
                   .exec(
                       "INSERT INTO chain (epoch, topic, partition, next_seq, last_time, previous, previous_seq)"
                       " VALUES ($1::bigint, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint)"
                       " RETURNING id",
                       epoch, chain.topic, chain.partition, fresh.head + 1, closed[0].int64(1), chain.id, from)
                   .one()
                   .int64(0);
    transaction.exec(
        "INSERT INTO publication (chain, owner, until) SELECT $1::bigint, owner, until FROM publication"
        " WHERE chain = $2::bigint",
        fresh.id, chain.id);
    transaction.exec(
        "UPDATE outbox SET chain = $1::bigint, seq = seq - $3::bigint WHERE chain = $2::bigint AND seq > $3::bigint",
        fresh.id, chain.id, from);
    transaction.exec("UPDATE chain SET next_seq = $2::bigint + 1 WHERE id = $1::bigint", chain.id, from);
  });
  return fresh;
}

std::vector<Committed> PostgresChains::read_outbox(std::int64_t chain, std::int64_t after) {
  const auto rows = pool_.acquire()->exec(
      "SELECT seq, tenant, key, type, body, causation, traceparent, time FROM (SELECT o.*,"
      "  sum(octet_length(body)) OVER (ORDER BY seq) - octet_length(body) AS before FROM"
      "  (SELECT * FROM outbox WHERE chain = $1::bigint AND seq > $2::bigint ORDER BY seq LIMIT 500) o) page"
      " WHERE before < 4000000 ORDER BY seq",
      chain, after);
  std::vector<Committed> events;
  for (const auto row : rows) {
    events.push_back({chain, row.int64(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3),
                      std::string(row.bytes(4)), row.get<std::string>(5), row.get<std::string>(6),
                      from_micros(row.int64(7))});
  }
  return events;
}

std::map<std::int64_t, std::int64_t> PostgresChains::tail_depths(const std::vector<Chain>& chains) {
  Numbers ids, heads;
  for (const auto& chain : chains) {
    ids.push_back(chain.id);
    heads.push_back(chain.head);
  }
  // The first of a few depths at which there is no young event; times rise with seq.
  const auto rows = pool_.acquire()->exec(
      "SELECT n.chain, coalesce(d.depth, 20000)::bigint FROM unnest($1::bigint[], $2::bigint[]) AS n(chain, head)"
      " LEFT JOIN LATERAL (SELECT depth FROM unnest(ARRAY[200, 2000, 20000]) WITH ORDINALITY AS s(depth, place)"
      "  WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.chain = n.chain AND o.seq = n.head - s.depth"
      "   AND o.at > now() - interval '1 minute') ORDER BY place LIMIT 1) d ON true",
      postgres::bigint_array(ids), postgres::bigint_array(heads));
  std::map<std::int64_t, std::int64_t> depths;
  for (const auto row : rows) depths[row.int64(0)] = row.int64(1);
  return depths;
}

std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> PostgresChains::recorded_holes() {
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> holes;
  for (const auto row : pool_.acquire()->exec("SELECT chain, first_seq, last_seq FROM chain_hole")) {
    holes[row.int64(0)][row.int64(1)] = row.int64(2);
  }
  return holes;
}

void PostgresChains::record_hole(std::int64_t chain, std::int64_t first, std::int64_t last) {
  pool_.acquire()->exec(
      "INSERT INTO chain_hole (chain, first_seq, last_seq) VALUES ($1::bigint, $2::bigint, $3::bigint)"
      " ON CONFLICT (chain, first_seq) DO UPDATE SET last_seq = greatest(chain_hole.last_seq, EXCLUDED.last_seq)",
      chain, first, last);
}

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
