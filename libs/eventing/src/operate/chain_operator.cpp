#include "src/operate/chain_operator.hpp"

#include <algorithm>
#include <tuple>

#include "loomline/telemetry/log.hpp"
#include "src/decide/utf8.hpp"
#include "src/hear/tail.hpp"
#include "src/stall.hpp"

namespace loomline::eventing {
namespace {

using common::v1::ChainStatus;

Status unreadable(const postgres::Error& error) {
  telemetry::log_warn("an operator's request about chains failed", {telemetry::field::error(error)});
  return unavailable("DATABASE", "The database does not answer; try again in a few seconds.");
}

std::string describe(const GapDesk::Open& open) {
  const auto waited = std::chrono::steady_clock::now() - open.since;
  const auto since = wall_now() - std::chrono::duration_cast<Duration>(waited);
  return open.gap.topic + "/" + std::to_string(open.gap.partition) + " stands before a gap since " +
         format_rfc3339(since) + ": " + open.gap.source + "'s event " + std::to_string(open.gap.first_missing) +
         " (epoch " + std::to_string(open.gap.epoch) + ") is missing";
}

// The columns are id, epoch, topic, partition, head, published.
void add_published(const Engine& engine, postgres::Pool& pool, std::string_view topic,
                   common::v1::ListChainsResponse& response) {
  const auto stalled = engine.publisher.stalled_chains();
  const auto reaches = engine.publisher.reaches();
  std::map<std::int64_t, ChainStatus*> by_id;
  auto connection = pool.acquire();
  const auto chains = connection->exec(
      "SELECT c.id, c.epoch, c.topic, c.partition, c.next_seq - 1, p.published FROM chain c"
      " JOIN publication p ON p.chain = c.id WHERE NOT c.closed AND ($1::text = '' OR c.topic = $1::text)"
      " ORDER BY c.topic, c.partition",
      topic);
  for (const auto row : chains) {
    auto& chain = *response.add_chains();
    const auto id = row.int64(0);
    chain.set_service(engine.registry.service());
    chain.set_role(common::v1::CHAIN_ROLE_PUBLISHES);
    chain.set_source(engine.registry.service());
    chain.set_epoch(row.int64(1));
    chain.set_topic(row.get<std::string>(2));
    chain.set_partition(row.get<int>(3));
    chain.set_committed(row.int64(4));
    const auto mine = reaches.find(id);
    chain.set_reached(mine == reaches.end() ? row.int64(5) : mine->second.acknowledged);
    if (const auto found = stalled.find(id); found != stalled.end()) chain.set_trouble(found->second);
    by_id[id] = &chain;
  }
  for (const auto row : connection->exec("SELECT chain, first_seq, last_seq, at FROM chain_hole ORDER BY 1, 2")) {
    const auto found = by_id.find(row.int64(0));
    if (found == by_id.end()) continue;
    auto& hole = *found->second->add_holes();
    hole.set_first_seq(row.int64(1));
    hole.set_last_seq(row.int64(2));
    to_proto(row.time(3), *hole.mutable_found_at());
  }
}

using HeardKey = std::tuple<std::string, int, std::string, std::int64_t>;

void add_heard(const Engine& engine, postgres::Pool& pool, std::string_view topic,
               common::v1::ListChainsResponse& response) {
  std::map<HeardKey, std::string> troubles;
  for (const auto& open : engine.gaps.open()) {
    troubles[{open.gap.topic, open.gap.partition, open.gap.source, open.gap.epoch}] = describe(open);
  }
  auto connection = pool.acquire();
  std::map<HeardKey, ChainStatus*> by_key;
  const auto rows = connection->exec(
      "SELECT topic, partition, source, epoch, last_seq FROM source_chain WHERE $1::text = '' OR topic = $1::text"
      " ORDER BY 1, 2, 3, 4",
      topic);
  const auto add = [&](const HeardKey& key, std::int64_t last) {
    auto& chain = *response.add_chains();
    chain.set_service(engine.registry.service());
    chain.set_role(common::v1::CHAIN_ROLE_HEARS);
    const auto& [name, partition, source, epoch] = key;
    chain.set_topic(name);
    chain.set_partition(partition);
    chain.set_source(source);
    chain.set_epoch(epoch);
    chain.set_reached(last);
    if (const auto trouble = troubles.find(key); trouble != troubles.end()) chain.set_trouble(trouble->second);
    by_key[key] = &chain;
  };
  for (const auto row : rows) {
    add({row.get<std::string>(0), row.get<int>(1), row.get<std::string>(2), row.int64(3)}, row.int64(4));
  }
  // A chain of which nothing was applied yet may stand before its first event.
  for (const auto& [key, trouble] : troubles) {
    if (!by_key.contains(key) && (topic.empty() || std::get<0>(key) == topic)) add(key, 0);
  }
  for (const auto row : connection->exec(
           "SELECT topic, partition, source, epoch, after_seq, to_seq, note, at FROM chain_skip ORDER BY id")) {
    const auto found = by_key.find({row.get<std::string>(0), row.get<int>(1), row.get<std::string>(2), row.int64(3)});
    if (found == by_key.end()) continue;
    auto& skip = *found->second->add_skips();
    skip.set_after_seq(row.int64(4));
    skip.set_to_seq(row.int64(5));
    skip.set_note(row.get<std::string>(6));
    to_proto(row.time(7), *skip.mutable_recorded_at());
  }
}

template <class Match>
Result<ChainStatus> pick(Engine& engine, postgres::Pool& pool, const std::string& topic, Match match) {
  auto chains = list_chains(engine, pool, topic);
  if (!chains.ok()) return chains.status();
  for (auto& chain : *chains->mutable_chains()) {
    if (match(chain)) return std::move(chain);
  }
  return not_found("CHAIN_UNKNOWN", "The service " + engine.registry.service() +
                                        " has no such chain; list them with loomline chain show.");
}

// The last applied before is answered; nothing where it was not below `to_seq`.
std::optional<std::int64_t> record_skip(postgres::Pool& pool, const common::v1::SkipChainRequest& request) {
  std::optional<std::int64_t> after;
  postgres::retry(pool, [&](postgres::Transaction& transaction) {
    after.reset();
    transaction.exec(
        "INSERT INTO source_chain (topic, partition, source, epoch, last_seq)"
        " VALUES ($1::text, $2::bigint, $3::text, $4::bigint, 0) ON CONFLICT DO NOTHING",
        request.topic(), request.partition(), request.source(), request.epoch());
    const auto last = transaction
                          .exec(
                              "SELECT last_seq FROM source_chain WHERE topic = $1::text AND partition = $2::bigint"
                              " AND source = $3::text AND epoch = $4::bigint FOR UPDATE",
                              request.topic(), request.partition(), request.source(), request.epoch())
                          .one()
                          .int64(0);
    if (last >= request.to_seq()) return;
    transaction.exec(
        "UPDATE source_chain SET last_seq = $5::bigint WHERE topic = $1::text AND partition = $2::bigint"
        " AND source = $3::text AND epoch = $4::bigint",
        request.topic(), request.partition(), request.source(), request.epoch(), request.to_seq());
    transaction.exec(
        "INSERT INTO chain_skip (topic, partition, source, epoch, after_seq, to_seq, note)"
        " VALUES ($1::text, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::bigint, $7::text)",
        request.topic(), request.partition(), request.source(), request.epoch(), last, request.to_seq(),
        request.note());
    after = last;
  });
  return after;
}

}  // namespace

void add_alarms(const Engine& engine, common::v1::GetActivityResponse& activity) {
  for (auto& [chain, text] : engine.publisher.stalled_chains()) activity.add_alarms(text);
  // One that closes within seconds is nobody's alarm.
  const auto now = std::chrono::steady_clock::now();
  for (const auto& open : engine.gaps.open())
    if (is_stalled(open.since, now)) activity.add_alarms(describe(open));
  if (auto silent = engine.publisher.silent()) activity.add_alarms(std::move(*silent));
}

Result<common::v1::ListChainsResponse> list_chains(Engine& engine, postgres::Pool& pool, std::string_view topic) {
  if (!is_storable(topic)) return invalid("topic", "is not UTF-8 text", "give a topic's name");
  try {
    common::v1::ListChainsResponse response;
    add_published(engine, pool, topic, response);
    add_heard(engine, pool, topic, response);
    return response;
  } catch (const postgres::Error& error) {
    return unreadable(error);
  }
}

Result<ChainStatus> refill_chain(Engine& engine, postgres::Pool& pool,
                                 const common::v1::RefillChainRequest& request) {
  if (request.from_seq() < 0) return invalid("from_seq", "is negative", "give a sequence number, or 0");
  auto chain = pick(engine, pool, request.topic(), [&](const ChainStatus& one) {
    return one.role() == common::v1::CHAIN_ROLE_PUBLISHES && one.partition() == request.partition();
  });
  if (!chain.ok()) return chain;
  try {
    const auto held = pool.acquire()->exec(
        "SELECT min(o.seq) FROM outbox o JOIN chain c ON c.id = o.chain WHERE NOT c.closed AND c.topic = $1::text"
        " AND c.partition = $2::bigint",
        request.topic(), request.partition());
    const auto first = held.one().is_null(0) ? chain->committed() + 1 : held.one().int64(0);
    if (request.from_seq() > chain->committed() || (request.from_seq() > 0 && request.from_seq() < first)) {
      return failed_precondition("OUTBOX_TRIMMED", "The outbox holds " + std::to_string(first) + " to " +
                                                       std::to_string(chain->committed()) +
                                                       "; refill from there, and let consumers skip what is lost.");
    }
  } catch (const postgres::Error& error) {
    return unreadable(error);
  }
  common::v1::ChainRefillAsked asked;
  asked.set_asked_by("operator");
  asked.set_topic(request.topic());
  asked.set_partition(request.partition());
  asked.set_source(engine.registry.service());
  asked.set_epoch(chain->epoch());
  asked.set_first_missing(request.from_seq());
  asked.set_offset(-1);
  asked.set_unchecked(request.from_seq() > 0);
  if (!engine.gaps.ask(std::move(asked))) return unavailable("KAFKA", "The broker does not answer; try again.");
  return chain;
}

Result<ChainStatus> skip_chain(Engine& engine, postgres::Pool& pool,
                               const common::v1::SkipChainRequest& request) {
  if (request.note().empty()) return invalid("note", "is missing", "say why; it is kept with the record");
  if (!is_storable(request.note()) || request.note().size() > 2000) {
    return invalid("note", "is not UTF-8 text of at most 2,000 bytes", "send text");
  }
  const auto& heard = engine.registry.topics();
  const auto* topic = engine.registry.catalog().topic(request.topic());
  if (topic == nullptr || std::find(heard.begin(), heard.end(), request.topic()) == heard.end() ||
      topic->owner() != request.source() || request.partition() < 0 || request.partition() >= engine.partitions) {
    return not_found("CHAIN_UNKNOWN", "The service " + engine.registry.service() +
                                          " hears no such chain; list them with loomline chain show.");
  }
  if (request.epoch() < 1) return invalid("epoch", "is no positive number", "give the chain's epoch");
  if (request.to_seq() < 1) return invalid("to_seq", "is no positive number", "give the last number to pass over");
  try {
    const auto after = record_skip(pool, request);
    if (!after) {
      return failed_precondition("CHAIN_ALREADY_THERE", "It has applied or passed over these events already.");
    }
    telemetry::log_warn(
        "an operator lets a chain pass over events that are lost",
        {telemetry::field::id("topic", request.topic()), telemetry::field::number("partition", request.partition()),
         telemetry::field::number("after", *after), telemetry::field::number("to", request.to_seq())});
  } catch (const postgres::Error& error) {
    return unreadable(error);
  }
  return pick(engine, pool, request.topic(), [&](const ChainStatus& one) {
    return one.role() == common::v1::CHAIN_ROLE_HEARS && one.partition() == request.partition() &&
           one.source() == request.source() && one.epoch() == request.epoch();
  });
}

}  // namespace loomline::eventing
