// Timers fire in their key's lane: found without locks, read again under the key's lock, deleted with what they caused.
#include <optional>

#include "loomline/telemetry/log.hpp"
#include "src/columns.hpp"
#include "src/lane_step.hpp"

namespace loomline::eventing {
namespace {

constexpr std::int64_t kMost = 200;

std::set<KeyId> due_keys(Engine& engine, const std::vector<std::int64_t>& lanes, Time now) {
  auto connection = engine.pool.acquire();
  const auto rows = connection->exec(
      "SELECT tenant, kind, key FROM timer WHERE lane = ANY($1::bigint[]) AND due <= $2 ORDER BY due, kind, key, name"
      " LIMIT $3",
      postgres::bigint_array(lanes), micros(now), kMost);
  std::set<KeyId> keys;
  for (const auto row : rows) {
    KeyId id{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)};
    if (engine.registry.kind(id.kind) != nullptr) keys.insert(std::move(id));
  }
  return keys;
}

void fire(Engine& engine, const std::set<KeyId>& keys, Time now, const std::optional<std::string>& condemned) {
  auto connection = engine.pool.acquire();
  postgres::Transaction transaction(*connection);
  Batch batch(engine.registry, engine.partitions);
  KeyColumns columns;
  for (const auto& id : keys) columns.add(id);
  batch.queue_load(transaction, keys);
  transaction.queue(
      "SELECT t.tenant, t.kind, t.key, t.name, t.due, t.payload, t.traceparent"
      " FROM unnest($1::text[], $2::text[], $3::text[]) AS n(tenant, kind, key) JOIN timer t"
      " ON t.tenant = n.tenant AND t.kind = n.kind AND t.key = n.key WHERE t.due <= $4"
      " ORDER BY t.due, t.kind, t.key, t.name",
      postgres::text_array(columns.tenants), postgres::text_array(columns.kinds), postgres::text_array(columns.keys),
      micros(now));
  const auto answers = transaction.sync();
  batch.loaded(transaction, answers[1]);
  const Moment moment{now, wall_now()};
  for (const auto row : answers[2]) {
    const KeyId id{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)};
    Offer offer;
    offer.timer = true;
    offer.type = row.text(3);
    offer.id = "timer/" + id.kind + "/" + id.key + "/" + offer.type + "/" + std::to_string(row.int64(4));
    offer.source = "timer/" + offer.type;
    offer.recorded = moment.wall;
    offer.body = row.bytes(5);
    offer.traceparent = row.text(6);
    batch.fired.push_back({id, offer.type});
    auto& fold = batch.fold(id);
    // A handler before it in this batch may have moved or cancelled it.
    if (fold.timers().contains(offer.type)) continue;
    if (condemned) {
      fold.condemn(offer, *condemned, moment);
    } else if (fold.offer(offer, moment).kind() == Verdict::Kind::refused) {
      telemetry::log_error("a timer is dead-lettered and its key parked", {telemetry::field::id("kind", id.kind)});
    }
  }
  auto committed = batch.commit(transaction);
  engine.count(static_cast<std::int64_t>(batch.fired.size()));
  engine.publisher.offer(std::move(committed));
  if (batch.earliest_timer() != Time::max()) engine.on_timer(batch.earliest_timer());
}

bool is_data(const postgres::Error& error) {
  return error.kind() == postgres::ErrorKind::other || error.kind() == postgres::ErrorKind::constraint;
}

}  // namespace

Time fire_timers(Engine& engine, const std::set<int>& lanes) {
  const std::vector<std::int64_t> numbers(lanes.begin(), lanes.end());
  const Time now = engine.clock.now();
  const auto keys = due_keys(engine, numbers, now);
  if (!keys.empty()) {
    try {
      fire(engine, keys, now, std::nullopt);
    } catch (const postgres::Error& error) {
      if (!is_data(error)) throw;
      for (const auto& key : keys) {
        try {
          fire(engine, {key}, now, std::nullopt);
        } catch (const postgres::Error& alone) {
          if (!is_data(alone)) throw;
          fire(engine, {key}, now, std::string("the database refused its effects: ") + alone.what());
        }
      }
    }
    return now;  // there may be more, and what fired may have set new ones
  }
  auto connection = engine.pool.acquire();
  const auto rows = connection->exec(
      "SELECT min((SELECT t.due FROM timer t WHERE t.lane = l ORDER BY t.due LIMIT 1)) FROM unnest($1::bigint[]) l",
      postgres::bigint_array(numbers));
  const auto next = rows.one().get<std::optional<std::int64_t>>(0);
  return next ? from_micros(*next) : Time::max();
}

}  // namespace loomline::eventing
