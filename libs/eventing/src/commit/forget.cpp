#include "src/commit/forget.hpp"

namespace loomline::eventing {

std::int64_t forget_parts(postgres::Pool& pool, std::chrono::seconds age) {
  constexpr std::int64_t kBatch = 5000;
  constexpr int kBatches = 10;
  std::int64_t all = 0;
  auto connection = pool.acquire();
  for (int i = 0; i < kBatches; ++i) {
    // What a step has in hand is left for the next time.
    const auto gone =
        connection
            ->exec(
                "WITH gone AS (DELETE FROM key_part WHERE body IS NULL AND ctid = ANY (ARRAY("
                "  SELECT ctid FROM key_part WHERE body IS NULL AND at < now() - $1::bigint * interval '1 second'"
                "  LIMIT $2::bigint FOR UPDATE SKIP LOCKED)) RETURNING owner, version),"
                " noted AS (INSERT INTO part_floor AS f (owner, version)"
                "  SELECT owner, max(version) FROM gone GROUP BY owner ORDER BY owner"
                "  ON CONFLICT (owner) DO UPDATE SET version = greatest(f.version, EXCLUDED.version))"
                " SELECT count(*) FROM gone",
                age.count(), kBatch)
            .one()
            .int64(0);
    all += gone;
    if (gone < kBatch) break;
  }
  return all;
}

}  // namespace loomline::eventing
