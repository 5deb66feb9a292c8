#include "src/chains.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "loomline/base/id.hpp"
#include "src/commit/columns.hpp"
#include "src/envelope.hpp"

namespace loomline::eventing {

std::map<std::int64_t, Chain> open_chains(postgres::Pool& pool, const Registry& registry, int partitions) {
  std::vector<std::string> topics;
  for (const auto* topic : registry.owned()) topics.push_back(topic->name());
  std::map<std::int64_t, Chain> chains;
  postgres::retry(pool, [&](postgres::Transaction& transaction) {
    transaction.queue(
        "INSERT INTO chain (epoch, topic, partition) SELECT 1, t, p FROM unnest($1::text[]) t,"
        " generate_series(0, $2::bigint - 1) p"
        " WHERE NOT EXISTS (SELECT 1 FROM chain c WHERE c.topic = t AND c.partition = p) ORDER BY 2, 3"
        " ON CONFLICT DO NOTHING",
        postgres::text_array(topics), partitions);
    transaction.queue("INSERT INTO publication (chain) SELECT id FROM chain ON CONFLICT DO NOTHING");
    transaction.queue("SELECT id, epoch, topic, partition, next_seq - 1 FROM chain WHERE NOT closed");
    chains.clear();
    const auto answers = transaction.sync();
    for (const auto row : answers.at(2)) {
      chains[row.int64(0)] = {row.int64(0), row.int64(1), row.get<std::string>(2), row.get<int>(3), row.int64(4)};
    }
  });
  return chains;
}

namespace {

constexpr std::int64_t kLookBack = 50;  // messages; foreign bytes may stand behind our last one

void see(TailSeen& seen, const rd_kafka_message_t& message, const std::string& source) {
  const auto envelope = from_headers(kafka::headers_of(message));
  if (!envelope.ok() || envelope->source != source) return;
  if (std::pair(envelope->epoch, envelope->seq) > std::pair(seen.epoch, seen.seq)) {
    seen.epoch = envelope->epoch;
    seen.seq = envelope->seq;
  }
}

}  // namespace

std::vector<TailSeen> read_tails(const std::string& brokers, const std::string& prefix, const std::string& source,
                                 const std::vector<Chain>& chains) {
  std::vector<TailSeen> seen(chains.size());
  if (chains.empty()) return seen;
  kafka::Config config(brokers, "loomline-tail-check");
  config.set("group.id", "loomline-check-" + random_hex128()).set("enable.auto.commit", "false");
  config.set("auto.offset.reset", "earliest").set("fetch.wait.max.ms", "50").set("enable.partition.eof", "true");
  const auto client = config.consumer();
  rd_kafka_poll_set_consumer(client.get());
  std::vector<kafka::Place> places;
  std::map<std::pair<std::string, int>, std::size_t> index;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    places.push_back({prefix + chains[i].topic, chains[i].partition, 0});
    index[{places.back().topic, places.back().partition}] = i;
  }
  std::vector<kafka::Place> wanted;
  for (const auto& end : kafka::end_offsets(client.get(), places, 10000)) {
    seen[index.at({end.topic, end.partition})].end = end.offset;
    if (end.offset > 0) wanted.push_back({end.topic, end.partition, std::max<std::int64_t>(0, end.offset - kLookBack)});
  }
  if (!wanted.empty()) {
    const auto list = kafka::list_of(wanted);
    rd_kafka_assign(client.get(), list.get());
    std::size_t open = wanted.size();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (open > 0) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the ends of topics could not be read");
      const kafka::Message message(rd_kafka_consumer_poll(client.get(), 100));
      if (!message) continue;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) --open;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      see(seen[index.at({rd_kafka_topic_name(message->rkt), message->partition})], *message, source);
    }
  }
  rd_kafka_consumer_close(client.get());
  return seen;
}

Chain start_epoch(postgres::Pool& pool, const Chain& chain, std::int64_t epoch) {
  Chain fresh = chain;
  fresh.epoch = epoch;
  fresh.head = 0;
  postgres::retry(pool, [&](postgres::Transaction& transaction) {
    const auto closed = transaction.exec(
        "UPDATE chain SET closed = true WHERE id = $1 AND NOT closed RETURNING next_seq - 1, last_time", chain.id);
    if (closed.empty()) throw std::runtime_error("another replica has started a new epoch");
    fresh.id = transaction
                   .exec(
                       "INSERT INTO chain (epoch, topic, partition, last_time, previous, previous_seq)"
                       " VALUES ($1, $2, $3, $4, $5::bigint, $6) RETURNING id",
                       epoch, chain.topic, chain.partition, closed[0].int64(1), chain.id, closed[0].int64(0))
                   .one()
                   .int64(0);
    transaction.queue(
        "INSERT INTO publication (chain, owner, until) SELECT $1, owner, until FROM publication"
        " WHERE chain = $2",
        fresh.id, chain.id);
  });
  return fresh;
}

}  // namespace loomline::eventing
