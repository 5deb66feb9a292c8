#include "src/batch.hpp"

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "src/columns.hpp"

namespace loomline::eventing {

using postgres::bigint_array;
using postgres::bool_array;
using postgres::bytea_array;
using postgres::text_array;

void Batch::queue_load(postgres::Transaction& transaction, const std::set<KeyId>& keys) {
  wanted_ = keys.size();
  KeyColumns columns;
  for (const auto& id : keys) columns.add(id);
  const auto tenants = text_array(columns.tenants);
  const auto kinds = text_array(columns.kinds);
  const auto names = text_array(columns.keys);
  // A row must exist to be locked: two first messages of a key meet at this insert.
  transaction.queue(
      "INSERT INTO key_state (tenant, kind, key) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"
      " AS n(tenant, kind, key) ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING",
      tenants, kinds, names);
  transaction.queue(
      "SELECT k.tenant, k.kind, k.key, k.state, k.version, k.last_time, k.parked, k.waiting"
      " FROM unnest($1::text[], $2::text[], $3::text[]) AS n(tenant, kind, key) JOIN key_state k"
      " ON k.tenant = n.tenant AND k.kind = n.kind AND k.key = n.key ORDER BY 1, 2, 3 FOR UPDATE OF k",
      tenants, kinds, names);
}

namespace {

Offer read_offer(const postgres::Row& row, int first) {
  Offer offer;
  offer.timer = row.boolean(first);
  offer.id = row.text(first + 1);
  offer.type = row.text(first + 2);
  offer.source = row.text(first + 3);
  offer.recorded = from_micros(row.int64(first + 4));
  offer.traceparent = row.text(first + 5);
  offer.body = row.bytes(first + 6);
  offer.topic = row.text(first + 7);
  offer.partition = row.get<int>(first + 8);
  offer.offset = row.int64(first + 9);
  return offer;
}

std::map<KeyId, std::vector<Waiting>> read_waiting(postgres::Transaction& transaction, const KeyColumns& columns) {
  std::map<KeyId, std::vector<Waiting>> out;
  if (columns.keys.empty()) return out;
  const auto rows = transaction.exec(
      "SELECT p.tenant, p.kind, p.key, p.id, p.reason, p.is_timer, p.event_id, p.type, p.source, p.recorded,"
      " p.traceparent, p.body, p.topic, p.partition, p.position"
      " FROM unnest($1::text[], $2::text[], $3::text[]) AS n(tenant, kind, key) JOIN pending p"
      " ON p.tenant = n.tenant AND p.kind = n.kind AND p.key = n.key ORDER BY p.id",
      text_array(columns.tenants), text_array(columns.kinds), text_array(columns.keys));
  for (const auto row : rows) {
    const KeyId id{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)};
    out[id].push_back({row.int64(3), read_offer(row, 5), row.get<std::string>(4)});
  }
  return out;
}

}  // namespace

void Batch::loaded(postgres::Transaction& transaction, const postgres::Rows& rows) {
  // A row that its holder removed (Step::forget) while we waited for its lock: from the start, and it is inserted anew.
  if (static_cast<std::size_t>(rows.size()) != wanted_) {
    throw postgres::Error(postgres::ErrorKind::retryable, "", "an aggregate was forgotten while its lock was awaited");
  }
  KeyColumns with_waiting;
  for (const auto row : rows) {
    if (row.int64(7) == 0) continue;
    with_waiting.tenants.push_back(row.text(0));
    with_waiting.kinds.push_back(row.text(1));
    with_waiting.keys.push_back(row.text(2));
  }
  auto waiting = read_waiting(transaction, with_waiting);
  for (const auto row : rows) {
    KeyId id{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)};
    Fold::Loaded loaded;
    loaded.exists = !row.is_null(3);
    if (loaded.exists) loaded.state = row.bytes(3);
    loaded.version = row.int64(4);
    loaded.last_time = from_micros(row.int64(5));
    loaded.parked = row.text(6);
    loaded.waiting = std::move(waiting[id]);
    const auto* def = registry_.kind(id.kind);
    auto fold = std::make_unique<Fold>(registry_, *def, id.tenant, id.key, std::move(loaded), out_);
    folds_.emplace(std::move(id), std::move(fold));
  }
}

std::vector<Committed> Batch::commit(postgres::Transaction& transaction) {
  assign_times(out_, partitions_);
  queue_positions(transaction);  // first: a lost race must cost nothing
  queue_states(transaction);
  queue_timers(transaction);
  queue_indexes(transaction);
  queue_waiting(transaction);
  queue_letters(transaction);
  queue_answers(transaction);
  queue_outbox(transaction);  // last: chain rows are the hottest locks
  const auto answers = transaction.commit();
  return out_.empty() ? std::vector<Committed>{} : read_outbox(answers.back());
}

void Batch::queue_states(postgres::Transaction& transaction) {
  KeyColumns columns, empty;
  std::vector<std::optional<std::string_view>> states;
  std::vector<bool> changed;
  Numbers versions, times, waiting;
  Texts parked;
  for (const auto& [id, fold] : folds_) {
    if (!fold->exists() && fold->waiting().empty() && fold->parked().empty()) {
      empty.add(id);
      continue;
    }
    if (!fold->touched()) continue;
    columns.add(id);
    changed.push_back(fold->state_changed());
    states.push_back(fold->state_changed() && fold->exists() ? std::optional<std::string_view>(fold->state_bytes())
                                                             : std::nullopt);
    versions.push_back(fold->version());
    times.push_back(micros(fold->last_time));
    waiting.push_back(static_cast<std::int64_t>(fold->waiting().size()));
    parked.push_back(fold->parked());
  }
  if (!columns.keys.empty()) {
    transaction.queue(
        "UPDATE key_state k SET state = CASE WHEN n.changed THEN n.state ELSE k.state END, version = n.version,"
        " last_time = n.last_time, parked = n.parked, waiting = n.waiting"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[], $5::bytea[], $6::bigint[], $7::bigint[],"
        " $8::text[], $9::bigint[]) AS n(tenant, kind, key, changed, state, version, last_time, parked, waiting)"
        " WHERE k.tenant = n.tenant AND k.kind = n.kind AND k.key = n.key",
        text_array(columns.tenants), text_array(columns.kinds), text_array(columns.keys), bool_array(changed),
        bytea_array(states), bigint_array(versions), bigint_array(times), text_array(parked), bigint_array(waiting));
  }
  if (!empty.keys.empty()) {
    transaction.queue(
        "DELETE FROM key_state k USING unnest($1::text[], $2::text[], $3::text[]) AS n(tenant, kind, key)"
        " WHERE k.tenant = n.tenant AND k.kind = n.kind AND k.key = n.key",
        text_array(empty.tenants), text_array(empty.kinds), text_array(empty.keys));
  }
}

void Batch::queue_timers(postgres::Transaction& transaction) {
  KeyColumns gone, set;
  Texts gone_names, set_names, payloads;
  Numbers lanes, due;
  for (const auto& timer : fired) {
    gone.add(timer.key);
    gone_names.push_back(timer.name);
  }
  for (const auto& [id, fold] : folds_) {
    for (const auto& [name, change] : fold->timers()) {
      if (!change.due) {
        gone.add(id);
        gone_names.push_back(name);
        continue;
      }
      set.add(id);
      set_names.push_back(name);
      lanes.push_back(lane_of(id.key, partitions_));
      due.push_back(micros(*change.due));
      payloads.push_back(change.payload);
      earliest_timer_ = std::min(earliest_timer_, *change.due);
    }
  }
  if (!gone_names.empty()) {
    transaction.queue(
        "DELETE FROM timer t USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n(tenant, kind, key, name)"
        " WHERE t.tenant = n.tenant AND t.kind = n.kind AND t.key = n.key AND t.name = n.name",
        text_array(gone.tenants), text_array(gone.kinds), text_array(gone.keys), text_array(gone_names));
  }
  if (!set_names.empty()) {
    transaction.queue(
        "INSERT INTO timer (tenant, kind, key, name, lane, due, payload)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[])"
        " ON CONFLICT (tenant, kind, key, name) DO UPDATE SET due = EXCLUDED.due, payload = EXCLUDED.payload",
        text_array(set.tenants), text_array(set.kinds), text_array(set.keys), text_array(set_names),
        bigint_array(lanes), bigint_array(due), bytea_array(payloads));
  }
}

void Batch::queue_indexes(postgres::Transaction& transaction) const {
  KeyColumns replaced, set;
  Texts replaced_names, set_names, values;
  for (const auto& [id, fold] : folds_) {
    const bool forgotten = fold->state_changed() && !fold->exists();
    for (const auto& [name, wanted] : fold->indexes()) {
      replaced.add(id);
      replaced_names.push_back(name);
      if (forgotten) continue;
      for (const auto& value : wanted) {
        set.add(id);
        set_names.push_back(name);
        values.push_back(value);
      }
    }
    if (forgotten) {
      transaction.queue("DELETE FROM key_index WHERE tenant = $1 AND kind = $2 AND key = $3", id.tenant, id.kind,
                        id.key);
    }
  }
  if (!replaced_names.empty()) {
    transaction.queue(
        "DELETE FROM key_index i USING unnest($1::text[], $2::text[], $3::text[], $4::text[])"
        " AS n(tenant, kind, key, name)"
        " WHERE i.tenant = n.tenant AND i.kind = n.kind AND i.key = n.key AND i.name = n.name",
        text_array(replaced.tenants), text_array(replaced.kinds), text_array(replaced.keys),
        text_array(replaced_names));
  }
  if (!set_names.empty()) {
    transaction.queue(
        "INSERT INTO key_index (tenant, kind, key, name, value)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING",
        text_array(set.tenants), text_array(set.kinds), text_array(set.keys), text_array(set_names),
        text_array(values));
  }
}

}  // namespace loomline::eventing
