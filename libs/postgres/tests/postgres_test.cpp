#include <thread>

#include "loomline/postgres/migrations.hpp"
#include "loomline/postgres/pool.hpp"
#include "tests/server.hpp"

namespace loomline::postgres {
namespace {

using Postgres = ServerTest;

TEST_F(Postgres, ParametersAndColumnsKeepTheirTypes) {
  Connection connection(options_);
  const std::string raw("a\0b", 3);
  const Time time = parse_rfc3339("2026-03-01T12:00:00.000001Z").value();
  const auto row = connection
                       .exec(
                           "SELECT $1::text, $2::bytea, $3::bigint, $4::boolean, $5::timestamptz, $6::text, $7::int,"
                           " $8::jsonb",
                           "grüße", Bytes{raw}, 1LL << 40, true, time, nullptr, "42", "{\"a\": 1}")
                       .one();
  EXPECT_EQ(row.get<std::string>(0), "grüße");
  EXPECT_EQ(row.bytes(1), raw);
  EXPECT_EQ(row.int64(2), 1LL << 40);
  EXPECT_TRUE(row.boolean(3));
  EXPECT_EQ(row.time(4), time);
  EXPECT_EQ(row.get<std::optional<std::string>>(5), std::nullopt);
  EXPECT_EQ(row.get<int>(6), 42);
  EXPECT_EQ(row.text(7), "{\"a\": 1}");
  EXPECT_THROW(row.int64(0), std::logic_error);
}

TEST_F(Postgres, ArraysTravelInBinary) {
  Connection connection(options_);
  const std::vector<std::int64_t> numbers{1, -2, 3};
  const std::vector<std::optional<std::string>> texts{"a", std::nullopt, ""};
  const std::vector<std::string> blobs{std::string("\0\1", 2), "x"};
  const auto rows = connection.exec("SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])",
                                    bigint_array(numbers), text_array(texts), bytea_array(blobs));
  ASSERT_EQ(rows.size(), 3);
  EXPECT_EQ(rows[1].int64(0), -2);
  EXPECT_TRUE(rows[1].is_null(1));
  EXPECT_EQ(rows[2].text(1), "");
  EXPECT_EQ(rows[0].bytes(2), blobs[0]);
  EXPECT_TRUE(rows[2].is_null(2));
  EXPECT_EQ(connection.exec("SELECT $1::bigint[]", bigint_array(numbers)).one().int64s(0), numbers);
  EXPECT_TRUE(connection.exec("SELECT $1::text[]", text_array(std::vector<std::string>{})).one().texts(0).empty());
}

TEST_F(Postgres, AFailureBeforeCommitCommitsNothing) {
  Connection connection(options_);
  connection.exec("CREATE TABLE t (id int PRIMARY KEY)");
  {
    Transaction transaction(connection);
    transaction.exec("INSERT INTO t VALUES (1)");
    EXPECT_THROW(transaction.exec("SELECT 1 / (SELECT 0)"), Error);
    EXPECT_THROW(transaction.commit(), Error) << "COMMIT would answer with a rollback";
  }
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").one().int64(0), 0);
  {
    Transaction transaction(connection);
    transaction.exec("INSERT INTO t VALUES (2)");
  }  // no commit: rolled back
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").one().int64(0), 0);
  Transaction transaction(connection);
  transaction.exec("INSERT INTO t VALUES (3)");
  EXPECT_EQ(transaction.exec("SELECT count(*) FROM t").one().int64(0), 1);
  EXPECT_THROW(connection.exec("SELECT 1"), std::logic_error) << "beside an open transaction";
  transaction.commit();
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").one().int64(0), 1);
}

TEST_F(Postgres, AViolationAtCommitRollsBackAndKeepsTheSession) {
  Connection connection(options_);
  connection.exec("CREATE TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  {
    Transaction transaction(connection);
    transaction.exec("INSERT INTO t VALUES (1), (1)");
    try {
      transaction.commit();
      FAIL() << "a duplicate key was committed";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unique_violation) << error.what();
      EXPECT_EQ(error.sqlstate(), "23505");
    }
  }
  EXPECT_TRUE(connection.idle());
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").one().int64(0), 0);
}

TEST_F(Postgres, ErrorsHaveTheirClasses) {
  options_.statement_timeout = std::chrono::milliseconds(50);
  Connection connection(options_);
  connection.exec("CREATE TABLE t (id int PRIMARY KEY CHECK (id > 0), other int NOT NULL REFERENCES t)");
  const auto kind_of = [&](std::string_view sql) {
    try {
      connection.exec(sql);
    } catch (const Error& error) {
      return std::string(name(error.kind())) + " " + error.sqlstate();
    }
    return std::string("done");
  };
  EXPECT_EQ(kind_of("INSERT INTO t VALUES (1, 1)"), "done");
  EXPECT_EQ(kind_of("INSERT INTO t VALUES (1, 1)"), "unique_violation 23505");
  EXPECT_EQ(kind_of("INSERT INTO t VALUES (2, 9)"), "constraint 23503");
  EXPECT_EQ(kind_of("INSERT INTO t VALUES (2, NULL)"), "constraint 23502");
  EXPECT_EQ(kind_of("INSERT INTO t VALUES (-1, 1)"), "constraint 23514");
  EXPECT_EQ(kind_of("SELECT pg_sleep(5)"), "timeout 57014");
  EXPECT_EQ(kind_of("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'LM001'; END $$"), "refused LM001");
  EXPECT_EQ(kind_of("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"), "retryable 40001");
  EXPECT_EQ(kind_of("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$"), "retryable 40P01");
  EXPECT_EQ(kind_of("SELECT * FROM missing"), "other 42P01");
  EXPECT_EQ(kind_of("SELEC"), "other 42601");
  EXPECT_EQ(kind_of("SELECT 1 / 0"), "other 22012");
  EXPECT_TRUE(connection.idle()) << "none of them ends the session";
  EXPECT_THROW(connection.exec("SELECT $1::text", std::string("a\0b", 3)), Error);
}

TEST_F(Postgres, AStatementIsPlannedOnce) {
  Connection connection(options_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(connection.exec("SELECT $1::bigint + 1", i).one().int64(0), i + 1);
  EXPECT_THROW(connection.exec("SELECT nothing FROM nowhere"), Error);
  EXPECT_EQ(connection.exec("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%$1::bigint + 1'")
                .one()
                .int64(0),
            1);
}

TEST_F(Postgres, ParametersMayBeAListMadeAtRunTime) {
  Connection connection(options_);
  std::string sql = "SELECT 0";
  std::vector<Param> params;
  const std::string blob("\0", 1);
  for (int i = 0; i < 40; ++i) {
    sql += " + octet_length($" + std::to_string(i + 1) + (i % 2 == 0 ? "::bytea)" : "::text)");
    i % 2 == 0 ? params.emplace_back(Bytes{blob}) : params.emplace_back("ab");
  }
  EXPECT_EQ(connection.exec_params(sql, params).one().int64(0), 60);
  EXPECT_EQ(connection.call_params(sql, params).one().int64(0), 60);
  Transaction transaction(connection);
  EXPECT_EQ(transaction.exec_params(sql, params).one().int64(0), 60);
}

TEST_F(Postgres, AScriptIsOneTransaction) {
  Connection connection(options_);
  EXPECT_THROW(connection.exec_script("CREATE TABLE t (id int); SELECT 1 / 0"), Error);
  EXPECT_TRUE(connection.exec("SELECT to_regclass('t')::text").one().is_null(0));
  EXPECT_THROW(connection.exec_script("BEGIN; CREATE TABLE t (id int); SELECT 1 / 0; COMMIT"), Error);
  EXPECT_TRUE(connection.exec("SELECT to_regclass('t')::text").one().is_null(0)) << "no block is left open";
}

TEST_F(Postgres, SettingsReachTheServerAsTheyAre) {
  options_.settings = {{"search_path", "pg_catalog, public"}, {"application_name", "it's \\ a name"}};
  Connection connection(options_);
  EXPECT_EQ(connection.exec("SHOW search_path").one().text(0), "pg_catalog, public");
  EXPECT_EQ(connection.exec("SHOW application_name").one().text(0), "it's \\ a name");
  EXPECT_EQ(connection.exec("SHOW statement_timeout").one().text(0), "30s");
}

TEST_F(Postgres, PoolIsBoundedAndDropsBrokenSessions) {
  Pool pool(options_, 1);
  int pid = 0;
  {
    auto lease = pool.acquire();
    pid = lease->backend_pid();
    EXPECT_THROW(pool.acquire(std::chrono::milliseconds(30)), Error);
  }
  {
    auto lease = pool.acquire();
    EXPECT_EQ(lease->backend_pid(), pid) << "a healthy session is used again";
    Connection(admin_).exec("SELECT pg_terminate_backend($1::int)", pid);
    EXPECT_THROW(lease->exec("SELECT 1"), Error);
  }
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").size(), 1);
}

TEST_F(Postgres, PoolGivesOutNoSessionThatEndedInIt) {
  Pool pool(options_, 1);
  const int pid = pool.acquire()->backend_pid();
  Connection(admin_).exec("SELECT pg_terminate_backend($1::int, 5000)", pid);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the farewell arrives
  EXPECT_NE(pool.acquire()->exec("SELECT pg_backend_pid()").one().int64(0), pid);
  Connection connection(options_);
  EXPECT_TRUE(connection.alive());
  connection.close();
  EXPECT_FALSE(connection.alive());
}

TEST_F(Postgres, DeadlockedTransactionsAreRunAgain) {
  Pool pool(options_, 2);
  pool.acquire()->exec_script("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)");
  const auto touch = [&](int first, int second) {
    retry(pool, [&](Transaction& transaction) {
      transaction.exec("UPDATE t SET n = n + 1 WHERE id = $1::int", first);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      transaction.exec("UPDATE t SET n = n + 1 WHERE id = $1::int", second);
    });
  };
  std::thread other([&] { touch(1, 2); });
  touch(2, 1);
  other.join();
  EXPECT_EQ(pool.acquire()->exec("SELECT sum(n) FROM t").one().int64(0), 4);
}

TEST_F(Postgres, MigrationsRunOnceAndRefuseAChangedText) {
  Connection connection(options_);
  const std::vector<Migration> first{{1, "create a", "CREATE TABLE a (id int); CREATE INDEX ON a (id)"}};
  EXPECT_EQ(migrate(connection, "x", first), 1);
  EXPECT_EQ(migrate(connection, "x", first), 0);
  const std::vector<Migration> second{first[0], {2, "create b", "CREATE TABLE b (id int); SELECT 1 / 0"}};
  EXPECT_THROW(migrate(connection, "x", second), Error);
  EXPECT_TRUE(connection.exec("SELECT to_regclass('b')::text").one().is_null(0)) << "a failed step leaves nothing";
  const std::vector<Migration> edited{{1, "create a", "CREATE TABLE a (id bigint)"}};
  try {
    migrate(connection, "x", edited);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("was changed after it was applied"), std::string::npos);
  }
  EXPECT_THROW(migrate(connection, "x", {}), Error) << "the database is ahead of the program";
}

std::string refusal(Connection& connection, const std::vector<Migration>& steps) {
  try {
    migrate(connection, "x", steps);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST_F(Postgres, AProgramLivesWithAdditiveStepsAheadOfItAndWithNoOthers) {
  Connection connection(options_);
  const std::vector<Migration> old{{1, "create a", "CREATE TABLE a (id int)"}};
  auto next = old;
  next.push_back({2, "a has a note", "-- additive: who does not know it leaves it empty\nALTER TABLE a ADD note text"});
  EXPECT_EQ(migrate(connection, "x", next), 2);
  EXPECT_EQ(migrate(connection, "x", old), 0) << "rolled back";
  EXPECT_EQ(migrate(connection, "x", next), 0) << "and forward";
  // A program from before the rule looks at this table only.
  EXPECT_EQ(connection.exec("SELECT max(version) FROM loomline_migration WHERE component = 'x'").one().int64(0), 1);

  auto contracted = next;
  contracted.push_back({3, "a is gone", "DROP TABLE a"});
  contracted.push_back({4, "create b", "\n-- additive\nCREATE TABLE b (id int)"});
  EXPECT_EQ(migrate(connection, "x", contracted), 2);
  for (const auto& program : {old, next})
    EXPECT_NE(refusal(connection, program).find("migration x/3 (a is gone) is in the database but not in this program"),
              std::string::npos)
        << refusal(connection, program);
  EXPECT_EQ(refusal(connection, contracted), "");
  contracted[1].sql = "-- additive\nALTER TABLE a ADD note varchar";
  EXPECT_NE(refusal(connection, contracted).find("was changed after it was applied"), std::string::npos);
}

TEST_F(Postgres, AnAdditiveStepTakesNothingAway) {
  Connection connection(options_);
  for (const char* sql : {"-- additive\nDROP TABLE a", "-- additive\nALTER TABLE a\n  rename column b TO c",
                          "-- additive\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                          "-- additive\nALTER TABLE a ALTER b SET NOT NULL"})
    EXPECT_NE(refusal(connection, {{1, "s", sql}}).find("calls itself additive, but says"), std::string::npos) << sql;
  EXPECT_FALSE(is_additive({1, "s", "CREATE TABLE a (id int); -- additive"}));
  EXPECT_FALSE(is_additive({1, "s", ""}));
}

TEST_F(Postgres, ReplicasThatMigrateTogetherApplyEachStepOnce) {
  const std::vector<Migration> steps{{1, "create a", "CREATE TABLE a (id int); SELECT pg_sleep(0.1)"}};
  std::atomic<int> applied = 0;
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] {
      Connection connection(options_);
      applied += migrate(connection, "x", steps);
    });
  }
  for (auto& replica : replicas) replica.join();
  EXPECT_EQ(applied, 1);
}

}  // namespace
}  // namespace loomline::postgres
