// Plans of statements follow tables that grow.
#include "src/commit/statistics.hpp"

#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

class StatisticsTest : public RigTest {
 protected:
  static std::int64_t rows_known(postgres::Pool& pool) {
    return pool.acquire()
        ->exec("SELECT reltuples::bigint FROM pg_class WHERE oid = 'key_index'::regclass")
        .one()
        .int64(0);
  }
  // As a session plans what takes an index's old values out.
  static std::string plan_of_delete(postgres::Pool& pool) {
    std::string plan;
    for (const auto row : pool.acquire()->exec(
             "EXPLAIN DELETE FROM key_index i USING unnest(ARRAY['box_1'], ARRAY['tag']) AS u(key, name)"
             " WHERE i.tenant = 'main' AND i.kind = 'box' AND i.key = u.key AND i.name = u.name"))
      plan += row.get<std::string>(0) + "\n";
    return plan;
  }
};

TEST_F(StatisticsTest, ATableThatGrowsFastIsReadByItsBestIndex) {
  start(alpha()).reset();
  postgres::Options options;
  options.conninfo = postgres::with_database(options_.postgres, options_.installation + "alpha");
  options.settings = {{"enable_seqscan", "off"}, {"enable_hashjoin", "off"}, {"enable_mergejoin", "off"}};
  postgres::Pool pool(options, 2);
  const auto fill = [&](int from, int to) {
    pool.acquire()->exec(
        "INSERT INTO key_index (tenant, kind, key, name, value) SELECT 'main', 'box', 'box_' || i, 'tag', 't'"
        " FROM generate_series($1::bigint, $2::bigint) i",
        from, to);
  };
  fill(1, 1);
  pool.acquire()->exec_script("ANALYZE key_index");
  EXPECT_EQ(follow_growth(pool), 0);
  fill(2, 1000);
  EXPECT_TRUE(eventually([&] { return follow_growth(pool), rows_known(pool) == 1000; }));
  EXPECT_NE(plan_of_delete(pool).find("key_index_by_key"), std::string::npos) << plan_of_delete(pool);
  // Not again before it has grown much.
  fill(1001, 1500);
  EXPECT_EQ(follow_growth(pool), 0);
}

TEST_F(StatisticsTest, ARunningServiceFollowsByItself) {
  const auto from = start(alpha());
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_" + std::to_string(i), 1), {}).ok());
  postgres::Options options;
  options.conninfo = postgres::with_database(options_.postgres, options_.installation + "alpha");
  postgres::Pool pool(options, 1);
  EXPECT_TRUE(eventually([&] { return rows_known(pool) >= 50; })) << rows_known(pool);
}

}  // namespace
}  // namespace loomline::eventing
