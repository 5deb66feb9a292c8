#include "src/commit/load.hpp"

#include <map>

#include "src/commit/columns.hpp"

namespace loomline::eventing {

using postgres::Rows;
using postgres::text_array;

namespace {

constexpr const char* kOfferColumns =
    "p.is_timer, p.event_id, p.type, p.source, p.recorded, p.traceparent, p.body, p.topic, p.partition, p.position";

Waiting read_waiting(const AggregateDef& def, const postgres::Row& row, int first) {
  Waiting waiting;
  waiting.reason = row.text(first);
  waiting.begun = row.get<int>(first + 2);
  waiting.stored = true;
  waiting.offer = read_offer(row, first + 3);
  waiting.aside = row.boolean(first + 1) && hears(def, waiting.offer.timer, waiting.offer.type);
  return waiting;
}

void read_row(Resident& resident, const postgres::Row& row, int first) {
  resident.version = row.int64(first);
  resident.last_time = from_micros(row.int64(first + 1));
  resident.parked = row.text(first + 2);
  if (row.is_null(first + 3)) {
    resident.exists = false;
    resident.bytes.clear();
    resident.state->Clear();
    resident.unreadable.clear();
  } else {
    resident.read_state(std::string(row.bytes(first + 3)));
  }
}

void read_part(Resident& resident, std::size_t collection, std::string name, std::string_view body) {
  auto* part = resident.def->collections[collection].prototype->New();
  PartStore::Body owned(part);
  if (!part->ParseFromArray(body.data(), static_cast<int>(body.size())) && resident.unreadable.empty())
    resident.unreadable = "its stored part " + resident.def->collections[collection].name + "/" + name +
                          " is not a readable " + part->GetDescriptor()->full_name();
  resident.parts.put(collection, std::move(name), std::move(owned));
}

// -1: a collection of an older or newer program.
int collection_named(const AggregateDef& def, std::string_view name) {
  for (std::size_t i = 0; i < def.collections.size(); ++i)
    if (def.collections[i].name == name) return static_cast<int>(i);
  return -1;
}

// Of a newer program. What it called an addition is left as it is; without the rest the aggregate is not whole.
void meet_unknown(Resident& resident, std::string_view collection) {
  if (collection.starts_with('+')) return;
  resident.unreadable = "it has parts \"" + std::string(collection) + "\", which this program does not know";
}

Rows parts_of(Session session, std::int64_t owner) {
  return session.exec("SELECT collection, name, body FROM key_part WHERE owner = $1::bigint AND body IS NOT NULL",
                      owner);
}

void take_parts(Resident& resident, const Rows& rows, std::vector<PartStore::Name>* changed = nullptr) {
  for (const auto row : rows) {
    const int known = collection_named(*resident.def, row.text(0));
    if (known < 0) {
      if (!row.is_null(2)) meet_unknown(resident, row.text(0));
      continue;
    }
    const auto collection = static_cast<std::size_t>(known);
    if (changed != nullptr) changed->emplace_back(collection, row.get<std::string>(1));
    if (row.is_null(2))
      resident.parts.drop(collection, row.text(1));
    else
      read_part(resident, collection, row.get<std::string>(1), row.bytes(2));
  }
}

Rows waiting_of(Session session, const KeyColumns& columns) {
  return session.exec(std::string("SELECT p.tenant, p.kind, p.key, p.reason, p.aside, p.begun, ") + kOfferColumns +
                          " FROM unnest($1::text[], $2::text[], $3::text[]) AS n(tenant, kind, key) JOIN pending p"
                          " ON p.tenant = n.tenant AND p.kind = n.kind AND p.key = n.key ORDER BY p.id",
                      text_array(columns.tenants), text_array(columns.kinds), text_array(columns.keys));
}

void take_waiting(Resident& resident, const postgres::Row& row) {
  resident.waiting.push_back(read_waiting(*resident.def, row, 3));
}

}  // namespace

bool hears(const AggregateDef& def, bool timer, std::string_view type) { return timer || def.events.contains(type); }

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

std::vector<std::shared_ptr<Resident>> load(Session session, const Registry& registry, const std::vector<KeyId>& keys) {
  std::vector<std::shared_ptr<Resident>> residents;
  if (keys.empty()) return residents;
  std::map<KeyId, Resident*> by_id;
  KeyColumns columns, with_waiting;
  for (const auto& id : keys) {
    residents.push_back(std::make_shared<Resident>(*registry.kind(id.kind), id));
    by_id[id] = residents.back().get();
    columns.add(id);
  }
  const auto rows = session.exec(
      "SELECT k.tenant, k.kind, k.key, k.id, k.waiting, k.version, k.last_time, k.parked, k.state"
      " FROM unnest($1::text[], $2::text[], $3::text[]) AS n(tenant, kind, key) JOIN key_state k"
      " ON k.tenant = n.tenant AND k.kind = n.kind AND k.key = n.key",
      text_array(columns.tenants), text_array(columns.kinds), text_array(columns.keys));
  for (const auto row : rows) {
    auto& resident = *by_id.at({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)});
    read_row(resident, row, 5);
    resident.row = row.int64(3);
    if (row.int64(4) > 0) with_waiting.add(resident.id);
    if (resident.def->large()) take_parts(resident, parts_of(session, resident.row));
  }
  if (!with_waiting.keys.empty())
    for (const auto row : waiting_of(session, with_waiting))
      take_waiting(*by_id.at({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)}), row);
  for (auto& resident : residents) resident->derive();
  return residents;
}

void refresh(Session session, Resident& resident) {
  const auto id = resident.id;
  // All is read before anything is changed: where the session is lost the resident is what it was.
  const auto rows = session.exec(
      "SELECT id, waiting, version, last_time, parked, state FROM key_state WHERE tenant = $1 AND kind = $2 AND key = "
      "$3",
      id.tenant, id.kind, id.key);
  if (rows.empty()) {
    resident = Resident(*resident.def, id);
    resident.derive();
    return;
  }
  const auto row = rows[0].int64(0), since = resident.version;
  // What could not be read is read from the beginning: parts of before may be why. So is what is another's by now.
  bool whole = !resident.unreadable.empty() || row != resident.row || rows[0].int64(2) < since;
  Rows parts, waiting;
  if (resident.def->large() && !whole) {
    parts = session.exec(
        "SELECT collection, name, body FROM key_part WHERE owner = $1::bigint AND version > $2::bigint UNION ALL"
        " SELECT NULL, NULL, NULL FROM part_floor WHERE owner = $1::bigint AND version > $2::bigint",
        row, since);
    for (const auto part : parts) whole = whole || part.is_null(0);  // some that went since are not told any more
  }
  if (resident.def->large() && whole) parts = parts_of(session, row);
  if (rows[0].int64(1) > 0) {
    KeyColumns columns;
    columns.add(id);
    waiting = waiting_of(session, columns);
  }
  if (whole) resident = Resident(*resident.def, id);
  resident.row = row;
  read_row(resident, rows[0], 2);
  resident.waiting.clear();
  for (const auto one : waiting) take_waiting(resident, one);
  std::vector<PartStore::Name> changed;
  take_parts(resident, parts, &changed);
  if (resident.derived && resident.def->follow && resident.unreadable.empty())
    resident.def->follow(*resident.derived, *resident.state, resident.parts, changed);
  else
    resident.derive();
}

}  // namespace loomline::eventing
