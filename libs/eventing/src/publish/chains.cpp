#include "src/publish/chains.hpp"

#include <stdexcept>

#include "loomline/eventing/positions.hpp"
#include "src/commit/columns.hpp"

namespace loomline::eventing {

std::map<std::int64_t, Chain> open_chains(postgres::Pool& pool, const Registry& registry, int partitions) {
  std::vector<std::string> topics;
  for (const auto* topic : registry.owned()) topics.push_back(topic->name());
  std::map<std::int64_t, Chain> chains;
  postgres::retry(pool, [&](postgres::Transaction& transaction) {
    transaction.exec(
        "INSERT INTO chain (epoch, topic, partition) SELECT 1, t, p FROM unnest($1::text[]) t,"
        " generate_series(0, $2::bigint - 1) p"
        " WHERE NOT EXISTS (SELECT 1 FROM chain c WHERE c.topic = t AND c.partition = p) ORDER BY 2, 3"
        " ON CONFLICT DO NOTHING",
        postgres::text_array(topics), partitions);
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

Chain start_epoch(postgres::Pool& pool, const Chain& chain, std::int64_t epoch) {
  Chain fresh = chain;
  fresh.epoch = epoch;
  fresh.head = 0;
  postgres::retry(pool, [&](postgres::Transaction& transaction) {
    const auto closed = transaction.exec(
        "UPDATE chain SET closed = true WHERE id = $1::bigint AND NOT closed RETURNING next_seq - 1, last_time",
        chain.id);
    if (closed.empty()) throw std::runtime_error("another replica has started a new epoch");
    fresh.id = transaction
                   .exec(
                       "INSERT INTO chain (epoch, topic, partition, last_time, previous, previous_seq)"
                       " VALUES ($1::bigint, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::bigint) RETURNING id",
                       epoch, chain.topic, chain.partition, closed[0].int64(1), chain.id, closed[0].int64(0))
                   .one()
                   .int64(0);
    transaction.exec(
        "INSERT INTO publication (chain, owner, until) SELECT $1::bigint, owner, until FROM publication"
        " WHERE chain = $2::bigint",
        fresh.id, chain.id);
  });
  return fresh;
}

std::vector<Committed> read_outbox(postgres::Pool& pool, std::int64_t chain, std::int64_t after) {
  const auto rows = pool.acquire()->exec(
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

std::map<std::int64_t, std::int64_t> tail_depths(postgres::Pool& pool, const std::vector<Chain>& chains) {
  Numbers ids, heads;
  for (const auto& chain : chains) {
    ids.push_back(chain.id);
    heads.push_back(chain.head);
  }
  // The first of a few depths at which there is no young event; times rise with seq.
  const auto rows = pool.acquire()->exec(
      "SELECT n.chain, coalesce(d.depth, 20000)::bigint FROM unnest($1::bigint[], $2::bigint[]) AS n(chain, head)"
      " LEFT JOIN LATERAL (SELECT depth FROM unnest(ARRAY[200, 2000, 20000]) WITH ORDINALITY AS s(depth, place)"
      "  WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.chain = n.chain AND o.seq = n.head - s.depth"
      "   AND o.at > now() - interval '1 minute') ORDER BY place LIMIT 1) d ON true",
      postgres::bigint_array(ids), postgres::bigint_array(heads));
  std::map<std::int64_t, std::int64_t> depths;
  for (const auto row : rows) depths[row.int64(0)] = row.int64(1);
  return depths;
}

std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> recorded_holes(postgres::Pool& pool) {
  std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> holes;
  for (const auto row : pool.acquire()->exec("SELECT chain, first_seq, last_seq FROM chain_hole")) {
    holes[row.int64(0)][row.int64(1)] = row.int64(2);
  }
  return holes;
}

void record_hole(postgres::Pool& pool, std::int64_t chain, std::int64_t first, std::int64_t last) {
  pool.acquire()->exec(
      "INSERT INTO chain_hole (chain, first_seq, last_seq) VALUES ($1::bigint, $2::bigint, $3::bigint)"
      " ON CONFLICT (chain, first_seq) DO UPDATE SET last_seq = greatest(chain_hole.last_seq, EXCLUDED.last_seq)",
      chain, first, last);
}

}  // namespace loomline::eventing
