// Sessions that die at the worst moment.
#include <csignal>
#include <thread>

#include "loomline/postgres/pool.hpp"
#include "tests/server.hpp"

namespace loomline::postgres {
namespace {

using PostgresFault = ServerTest;

// A table of which every new row sleeps inside COMMIT, by a deferred trigger.
void make_table_that_naps(Connection& connection, int seconds) {
  connection.exec_script(
      "CREATE TABLE t (id int); CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ BEGIN PERFORM pg_sleep(" +
      std::to_string(seconds) +
      "); RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER nap AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "
      "nap()");
}

// COMMIT does not come back, and says that nobody knows what became of it.
void commit_in_doubt(Transaction& transaction) {
  try {
    transaction.commit();
    ADD_FAILURE() << "committed";
  } catch (const Error& error) {
    EXPECT_TRUE(error.in_doubt()) << error.what();
  }
}

TEST_F(PostgresFault, KilledInATransactionMeansNothingHappened) {
  Connection connection(options_);
  connection.exec("CREATE TABLE t (id int)");
  Transaction transaction(connection);
  transaction.exec("INSERT INTO t VALUES (1)");
  Connection(admin_).exec("SELECT pg_terminate_backend($1::int, 2000)", connection.backend_pid());
  try {
    transaction.exec("INSERT INTO t VALUES (2)");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::connection) << error.what();
  }
  EXPECT_FALSE(connection.usable());
  EXPECT_EQ(Connection(options_).exec("SELECT count(*) FROM t").one().int64(0), 0);
}

TEST_F(PostgresFault, KilledDuringCommitIsInDoubt) {
  Connection connection(options_);
  make_table_that_naps(connection, 5);
  const int pid = connection.backend_pid();
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    Connection(admin_).exec("SELECT pg_terminate_backend($1::int)", pid);
  });
  Transaction transaction(connection);
  transaction.exec("INSERT INTO t VALUES (1)");
  commit_in_doubt(transaction);
  killer.join();
}

// A statement_timeout that the server does not know of: it lets what it was asked go on.
Options silent_after(Options options, std::chrono::milliseconds limit) {
  options.statement_timeout = limit;
  options.answer_grace = std::chrono::milliseconds(100);
  options.settings.emplace_back("statement_timeout", "0");
  return options;
}

TEST_F(PostgresFault, AServerThatDoesNotAnswerIsNotWaitedForForEver) {
  const auto options = silent_after(options_, std::chrono::milliseconds(200));
  Connection connection(options);
  try {
    connection.exec("SELECT pg_sleep(60)");
    FAIL() << "answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::connection) << error.what();
    EXPECT_NE(std::string(error.what()).find("has not answered"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(connection.usable());
  Connection quick(options);
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_EQ(quick.exec("SELECT 1").one().int64(0), 1) << "who is asked nothing may be silent";
  for (int i = 0; i < 8; ++i) quick.exec("SELECT pg_sleep(0.1)");
}

TEST_F(PostgresFault, AServerThatDoesNotAnswerToCommitLeavesItInDoubtToRollbackNot) {
  const auto options = silent_after(options_, std::chrono::milliseconds(200));
  Connection connection(options);
  make_table_that_naps(connection, 60);
  Transaction transaction(connection);
  transaction.exec("INSERT INTO t VALUES (1)");
  commit_in_doubt(transaction);
  // A backend that is stopped takes nothing in, the end of a transaction neither: that end is no failure of who ends it.
  Connection stopped(options);
  const int pid = stopped.backend_pid();
  {
    Transaction given_up(stopped);
    given_up.exec("INSERT INTO t VALUES (2)");
    if (::kill(pid, SIGSTOP) != 0) GTEST_SKIP() << "the server's processes are not ours to stop";
  }
  ::kill(pid, SIGCONT);
  EXPECT_FALSE(stopped.usable());
}

TEST_F(PostgresFault, ACallWhoseSessionDiesIsInDoubt) {
  for (const bool call : {true, false}) {
    Connection connection(options_);
    const int pid = connection.backend_pid();
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      Connection(admin_).exec("SELECT pg_terminate_backend($1::int)", pid);
    });
    try {
      call ? connection.call("SELECT pg_sleep(5)") : connection.exec("SELECT pg_sleep(5)");
      ADD_FAILURE() << "answered";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), call ? ErrorKind::in_doubt : ErrorKind::connection) << error.what();
    }
    killer.join();
    EXPECT_FALSE(connection.usable());
    try {
      connection.call("SELECT 1");
      ADD_FAILURE() << "a lost session came back";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::connection) << "it was never sent";
    }
  }
}

TEST_F(PostgresFault, ACallThatIsRefusedIsNotInDoubt) {
  Connection connection(options_);
  connection.exec("CREATE TABLE t (id int PRIMARY KEY)");
  EXPECT_EQ(connection.call("INSERT INTO t VALUES ($1)", 1).affected(), 1);
  try {
    connection.call("INSERT INTO t VALUES ($1)", 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unique_violation);
  }
  EXPECT_TRUE(connection.idle());
}

TEST_F(PostgresFault, ClosingInATransactionRollsItBack) {
  Connection connection(options_);
  connection.exec("CREATE TABLE t (id int)");
  {
    Transaction transaction(connection);
    transaction.exec("INSERT INTO t VALUES (1)");
    connection.close();
    EXPECT_THROW(transaction.exec("INSERT INTO t VALUES (2)"), Error);
    EXPECT_THROW(transaction.commit(), Error);
  }
  EXPECT_EQ(connection.backend_pid(), 0);
  EXPECT_EQ(Connection(options_).exec("SELECT count(*) FROM t").one().int64(0), 0);
}

TEST_F(PostgresFault, IdlingInATransactionEndsTheSession) {
  options_.idle_in_transaction_timeout = std::chrono::milliseconds(100);
  Connection connection(options_);
  connection.exec("CREATE TABLE t (id int)");
  Transaction transaction(connection);
  transaction.exec("INSERT INTO t VALUES (1)");
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  EXPECT_THROW(transaction.commit(), Error);
  EXPECT_FALSE(connection.usable());
  EXPECT_EQ(Connection(options_).exec("SELECT count(*) FROM t").one().int64(0), 0);
}

TEST_F(PostgresFault, RetryOutlivesALostSessionButNotADoubt) {
  Pool pool(options_, 2);
  pool.acquire()->exec("CREATE TABLE t (id int)");
  int runs = 0;
  retry(pool, [&](Transaction& transaction) {
    transaction.exec("INSERT INTO t VALUES (1)");
    if (++runs == 1) {
      const auto pid = transaction.exec("SELECT pg_backend_pid()").one().int64(0);
      Connection(admin_).exec("SELECT pg_terminate_backend($1::int, 2000)", pid);
      transaction.exec("SELECT 1");
    }
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(pool.acquire()->exec("SELECT count(*) FROM t").one().int64(0), 1);
}

TEST(PostgresConnect, ARefusedConnectionSaysWhere) {
  Options options;
  options.conninfo = "host=127.0.0.1 port=1 user=nobody password=secret";
  try {
    Connection connection(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::connection);
    EXPECT_NE(std::string(error.what()).find("port 1"), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace loomline::postgres
