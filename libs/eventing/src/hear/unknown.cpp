#include "src/hear/unknown.hpp"

#include "src/commit/columns.hpp"

namespace loomline::eventing {

void offer_unknown(postgres::Pool& pool, const Registry& registry) {
  Texts types, kinds;
  for (const auto& [type, hearers] : registry.heard())
    for (const auto& hearer : hearers) {
      types.push_back(type);
      kinds.push_back(hearer.def->kind);
    }
  if (types.empty()) return;
  const auto type_array = postgres::text_array(types);
  const auto kind_array = postgres::text_array(kinds);
  postgres::retry(pool, [&](postgres::Transaction& transaction) {
    // Locked: of several replicas that start, one does it.
    if (transaction.exec("SELECT 1 FROM unknown_event WHERE type = ANY($1::text[]) FOR UPDATE", type_array).empty())
      return;
    transaction.exec(
        "INSERT INTO key_state AS k (tenant, kind, key, waiting)"
        " SELECT e.tenant, n.kind, e.key, count(*) FROM unknown_event e JOIN unnest($1::text[], $2::text[]) AS"
        " n(type, kind) ON n.type = e.type GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        " ON CONFLICT (tenant, kind, key) DO UPDATE SET waiting = k.waiting + EXCLUDED.waiting",
        type_array, kind_array);
    transaction.exec(
        "INSERT INTO pending (tenant, kind, key, is_timer, event_id, type, source, recorded, traceparent, body, topic,"
        " partition, position, reason, aside)"
        " SELECT e.tenant, n.kind, e.key, false, e.event_id, e.type, e.source, e.recorded, e.traceparent, e.body, "
        "e.topic,"
        " e.partition, e.position, 'its type was unknown here', true"
        " FROM unknown_event e JOIN unnest($1::text[], $2::text[]) AS n(type, kind) ON n.type = e.type"
        " ORDER BY e.topic, e.partition, e.position",
        type_array, kind_array);
    transaction.exec("DELETE FROM unknown_event WHERE type = ANY($1::text[])", type_array);
  });
}

}  // namespace loomline::eventing
