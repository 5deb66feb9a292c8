// The second half of Batch: waiting offers, dead letters, positions, answers, and the outbox.
#include <algorithm>

#include "loomline/base/hash.hpp"
#include "src/batch.hpp"
#include "src/columns.hpp"

namespace loomline::eventing {

using postgres::bigint_array;
using postgres::bool_array;
using postgres::bytea_array;
using postgres::text_array;

void Batch::queue_waiting(postgres::Transaction& transaction) const {
  Numbers settled;
  KeyColumns keys;
  OfferColumns offers;
  Texts reasons;
  for (const auto& [id, fold] : folds_) {
    settled.insert(settled.end(), fold->settled().begin(), fold->settled().end());
    for (const auto& waiting : fold->waiting()) {
      if (waiting.id != 0) continue;
      keys.add(id);
      offers.add(waiting.offer);
      reasons.push_back(waiting.reason);
    }
  }
  if (!settled.empty()) transaction.queue("DELETE FROM pending WHERE id = ANY($1::bigint[])", bigint_array(settled));
  if (reasons.empty()) return;
  transaction.queue(
      "INSERT INTO pending (tenant, kind, key, is_timer, event_id, type, source, recorded, traceparent, body, topic,"
      " partition, position, reason)"
      " SELECT a, b, c, d, e, f, g, h, i, j, k, l, m, n FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[],"
      " $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::bytea[], $11::text[], $12::bigint[],"
      " $13::bigint[], $14::text[]) WITH ORDINALITY AS u(a, b, c, d, e, f, g, h, i, j, k, l, m, n, place) ORDER BY "
      "place",
      text_array(keys.tenants), text_array(keys.kinds), text_array(keys.keys), bool_array(offers.timers),
      text_array(offers.ids), text_array(offers.types), text_array(offers.sources), bigint_array(offers.recorded),
      text_array(offers.traceparents), bytea_array(offers.bodies), text_array(offers.topics),
      bigint_array(offers.partitions), bigint_array(offers.offsets), text_array(reasons));
}

void Batch::queue_letters(postgres::Transaction& transaction) const {
  const auto insert = [&](const std::string& letter, const KeyId& id, const Offer& offer, const std::string& reason) {
    transaction.queue(
        "INSERT INTO dead_letter (id, tenant, kind, key, is_timer, event_id, type, source, recorded, traceparent, body,"
        " topic, partition, position, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING",
        letter, id.tenant, id.kind, id.key, offer.timer, offer.id, offer.type, offer.source, micros(offer.recorded),
        offer.traceparent, postgres::Bytes{offer.body}, offer.topic, offer.partition, offer.offset, reason);
  };
  for (const auto& [id, fold] : folds_) {
    for (const auto& dead : fold->dead()) insert(dead.id, id, dead.offer, dead.reason);
  }
  for (const auto& letter : foreign) insert(letter.id, {"", "", letter.key}, letter.offer, letter.reason);
  for (const auto& [what, count] : skipped) {
    transaction.queue(
        "INSERT INTO skipped AS s (topic, type, count) VALUES ($1, $2, $3)"
        " ON CONFLICT (topic, type) DO UPDATE SET count = s.count + EXCLUDED.count, last_at = now()",
        what.first, what.second, count);
  }
}

void Batch::queue_positions(postgres::Transaction& transaction) const {
  if (!offsets.empty()) {
    Texts topics;
    Numbers partitions, expected, next, epochs;
    for (const auto& move : offsets) {
      topics.push_back(move.topic);
      partitions.push_back(move.partition);
      expected.push_back(move.expected);
      next.push_back(move.next);
      epochs.push_back(move.epoch);
    }
    transaction.queue(
        "WITH moved AS (UPDATE consumer_offset c SET next_offset = n.next FROM unnest($1::text[], $2::bigint[],"
        " $3::bigint[], $4::bigint[], $5::bigint[]) AS n(topic, partition, expected, next, epoch)"
        " WHERE c.topic = n.topic AND c.partition = n.partition AND c.epoch = n.epoch AND c.next_offset = n.expected"
        " RETURNING 1) SELECT kernel_require(count(*) = $6, 'consumer offset moved by another owner') FROM moved",
        text_array(topics), bigint_array(partitions), bigint_array(expected), bigint_array(next), bigint_array(epochs),
        offsets.size());
  }
  if (heard.empty()) return;
  Texts topics, sources;
  Numbers partitions, epochs, last;
  for (const auto& chain : heard) {
    topics.push_back(chain.topic);
    partitions.push_back(chain.partition);
    sources.push_back(chain.source);
    epochs.push_back(chain.epoch);
    last.push_back(chain.last);
  }
  transaction.queue(
      "INSERT INTO source_chain (topic, partition, source, epoch, last_seq)"
      " SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])"
      " ON CONFLICT (topic, partition, source, epoch) DO UPDATE SET last_seq = EXCLUDED.last_seq",
      text_array(topics), bigint_array(partitions), text_array(sources), bigint_array(epochs), bigint_array(last));
}

void Batch::queue_answers(postgres::Transaction& transaction) const {
  if (!answered.empty()) {
    Texts scopes, responses;
    for (const auto& answer : answered) {
      scopes.push_back(answer.scope);
      responses.push_back(answer.response);
    }
    transaction.queue(
        "UPDATE idempotency i SET response = n.response FROM unnest($1::text[], $2::bytea[]) AS n(scope, response)"
        " WHERE i.scope = n.scope",
        text_array(scopes), bytea_array(responses));
  }
  if (!unanswered.empty()) {
    transaction.queue("DELETE FROM idempotency WHERE scope = ANY($1::text[])", text_array(unanswered));
  }
}

namespace {

// The events of a batch by chain, in order, as the numbering statement wants them.
struct ChainTotals {
  std::map<std::pair<std::string_view, int>, std::vector<const Outgoing*>> by_chain;
  ChainTotals(const std::vector<Outgoing>& out, int partitions) {
    for (const auto& one : out) by_chain[{one.topic->name(), lane_of(one.key, partitions)}].push_back(&one);
  }
};

}  // namespace

void Batch::queue_outbox(postgres::Transaction& transaction) const {
  if (out_.empty()) return;
  const ChainTotals totals(out_, partitions_);
  Texts topics, tenants, keys, types, causations, traceparents, bodies;
  Numbers partitions, counts, first_times, last_times, chain_of, places, times;
  std::int64_t chain = 0;
  for (const auto& [id, events] : totals.by_chain) {
    ++chain;
    topics.push_back(id.first);
    partitions.push_back(id.second);
    counts.push_back(static_cast<std::int64_t>(events.size()));
    first_times.push_back(micros(events.front()->time));
    last_times.push_back(micros(events.back()->time));
    std::int64_t place = 0;
    for (const auto* event : events) {
      chain_of.push_back(chain);
      places.push_back(place++);
      tenants.push_back(event->tenant);
      keys.push_back(event->key);
      types.push_back(event->type);
      causations.push_back(event->causation);
      traceparents.push_back(event->traceparent);
      times.push_back(micros(event->time));
      bodies.push_back(event->body);
    }
  }
  const auto topic_array = text_array(topics);
  const auto partition_array = bigint_array(partitions);
  // Locked in a statement of its own, so that the next one sees what the last owner of the lock committed.
  transaction.queue(
      "SELECT 1 FROM unnest($1::text[], $2::bigint[]) AS n(topic, partition) JOIN chain c"
      " ON c.topic = n.topic AND c.partition = n.partition AND NOT c.closed ORDER BY c.topic, c.partition FOR UPDATE "
      "OF c",
      topic_array, partition_array);
  // Times move up by a constant where the chain has a later one (another replica's clock), and so does the aggregate's.
  transaction.queue(
      "WITH moved AS ("
      " UPDATE chain c SET next_seq = c.next_seq + n.count,"
      "  last_time = n.last_time + greatest(0, c.last_time + 1 - n.first_time)"
      " FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])"
      "  WITH ORDINALITY AS n(topic, partition, count, first_time, last_time, place)"
      " WHERE c.topic = n.topic AND c.partition = n.partition AND NOT c.closed"
      " RETURNING n.place, c.id, c.next_seq - n.count AS first, c.last_time - n.last_time AS shift),"
      "written AS ("
      " INSERT INTO outbox (chain, seq, tenant, key, type, causation, traceparent, time, body)"
      " SELECT m.id, m.first + e.place, e.tenant, e.key, e.type, e.causation, e.traceparent, e.time + m.shift, e.body"
      " FROM unnest($6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],"
      "  $13::bigint[], $14::bytea[])"
      "  AS e(chain, place, tenant, key, type, causation, traceparent, time, body) JOIN moved m ON m.place = e.chain)"
      "SELECT m.place, m.id, m.first, m.shift, kernel_require((SELECT count(*) FROM moved) = $15, 'chain is not open')"
      " FROM moved m",
      topic_array, partition_array, bigint_array(counts), bigint_array(first_times), bigint_array(last_times),
      bigint_array(chain_of), bigint_array(places), text_array(tenants), text_array(keys), text_array(types),
      text_array(causations), text_array(traceparents), bigint_array(times), bytea_array(bodies), chain);
}

std::vector<Committed> Batch::read_outbox(const postgres::Rows& rows) const {
  const ChainTotals totals(out_, partitions_);
  std::vector<const std::vector<const Outgoing*>*> by_place;
  for (const auto& [id, events] : totals.by_chain) by_place.push_back(&events);
  std::vector<Committed> committed;
  committed.reserve(out_.size());
  for (const auto row : rows) {
    auto seq = row.int64(2);
    const Duration shift(row.int64(3));
    for (const auto* event : *by_place.at(static_cast<std::size_t>(row.int64(0) - 1))) {
      committed.push_back({row.int64(1), seq++, event->tenant, event->key, event->type, event->body, event->causation,
                           event->traceparent, event->time + shift});
    }
  }
  return committed;
}

}  // namespace loomline::eventing
