// What is kept in memory must always be what the rows say: parts, snapshots, replicas, what a program cannot read.
#include "src/commit/forget.hpp"
#include "src/commit/postgres_steps.hpp"
#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

class ResidentTest : public RigTest {
 protected:
  std::int64_t put_thing(Runtime& service, const std::string& chest, const std::string& name, std::int64_t weight) {
    const auto answer = service.execute<PutThingResponse>("Put", put(chest, name, weight), {});
    EXPECT_TRUE(answer.ok()) << answer.status().to_string();
    return answer.ok() ? answer->weight() : -1;
  }
  // Puts a thing of weight 1 into box_1; the session that comes to a statement with these words is ended in its midst.
  std::int64_t put_thing_with_a_lost_session(Runtime& service, const std::string& words, const std::string& name) {
    auto other = database("gamma"), admin = database("gamma");
    std::optional<postgres::Transaction> slow(std::in_place, other);
    slow->exec("LOCK TABLE key_part IN ACCESS EXCLUSIVE MODE");
    std::int64_t sum = 0;
    std::thread caller([&] { sum = put_thing(service, "box_1", name, 1); });
    EXPECT_TRUE(eventually([&] {
      return !admin.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                         " AND strpos(query, $1) > 0 AND pid <> pg_backend_pid()", words).empty();
    })) << "no session came to " << words;
    slow.reset();
    caller.join();
    return sum;
  }
  void TearDown() override {
    if (options_.installation.empty()) return;
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection(admin).exec_script("DROP DATABASE IF EXISTS " + options_.installation + "gamma WITH (FORCE)");
    RigTest::TearDown();
  }
};

TEST_F(ResidentTest, PartsAreRowsOfTheirOwnAndComeBackAfterARestart) {
  auto service = start(gamma());
  for (int i = 1; i <= 40; ++i) put_thing(*service, "box_1", "thing-" + std::to_string(i), 100 + i);
  EXPECT_EQ(service->execute<PutThingResponse>("Put", put("box_1", "thing-1", 13), {}).status().reason(), "UNLUCKY");
  put_thing(*service, "box_1", "thing-2", 0);
  const std::int64_t sum = 40 * 100 + 40 * 41 / 2 - 102;
  const auto seen = service->reader().snapshot("main", "chest", "box_1").value();
  EXPECT_EQ(seen->derived<Weights>().sum, sum);
  auto connection = database("gamma");
  EXPECT_EQ(connection.exec("SELECT 1 FROM key_part WHERE body IS NOT NULL").size(), 39);
  EXPECT_LT(connection.exec("SELECT length(state) FROM key_state").one().int64(0), 30) << "parts are not in the state";
  EXPECT_EQ(put_thing(*service, "box_1", "thing-2", 102), sum + 102);
  EXPECT_EQ(put_thing(*service, "box_1", "thing-2", 0), sum);
  EXPECT_EQ(seen->parts<Thing>().size(), 39U);
  service.reset();  // and with it what snapshots refer to
  service = start(gamma());
  EXPECT_EQ(put_thing(*service, "box_1", "thing-3", 103), sum);
  EXPECT_EQ(service->reader().snapshot("main", "chest", "box_1").value()->parts<Thing>().size(), 39U);
}

TEST_F(ResidentTest, TwoReplicasThatWorkOnOneKeyAgree) {
  // gamma hears nothing, so that each replica takes every lane for its own: the rows must decide.
  auto first = start(gamma(), "a");
  auto second = start(gamma(), "b");
  constexpr int kEach = 60;
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&, c] {
      auto& service = c % 2 == 0 ? *first : *second;
      for (int i = 0; i < kEach; ++i) put_thing(service, "box_1", "c" + std::to_string(c) + "-" + std::to_string(i), 2);
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(put_thing(*first, "box_1", "last", 1), 4 * kEach * 2 + 1);
  EXPECT_EQ(put_thing(*second, "box_1", "very-last", 1), 4 * kEach * 2 + 2);
  const auto third = start(gamma(), "c");
  EXPECT_EQ(third->reader().snapshot("main", "chest", "box_1").value()->derived<Weights>().sum, 4 * kEach * 2 + 2);
}

TEST_F(ResidentTest, WhatWasTakenOutIsForgottenAndYetSeenByWhoKnowsItFromBefore) {
  auto first = start(gamma(), "a");
  auto second = start(gamma(), "b");
  for (int i = 1; i <= 9; ++i) put_thing(*first, "box_1", "thing-" + std::to_string(i), 1);
  EXPECT_EQ(put_thing(*second, "box_1", "thing-10", 1), 10);  // knows all of them from now on
  const auto reader = start(gamma(), "c");
  EXPECT_EQ(reader->reader().snapshot("main", "chest", "box_1").value()->parts<Thing>().size(), 10U);
  for (int i = 1; i <= 4; ++i) put_thing(*first, "box_1", "thing-" + std::to_string(i), 0);
  postgres::Options own;
  own.conninfo = postgres::with_database(options_.postgres, options_.installation + "gamma");
  postgres::Pool pool(own, 1);
  EXPECT_EQ(forget_parts(pool, std::chrono::hours(24)), 0) << "they went just now";
  EXPECT_EQ(forget_parts(pool, std::chrono::seconds(0)), 4);
  EXPECT_EQ(database("gamma").exec("SELECT 1 FROM key_part WHERE body IS NULL").size(), 0);
  put_thing(*first, "box_1", "thing-5", 0);  // is still told
  EXPECT_EQ(put_thing(*second, "box_1", "last", 1), 6);
  const auto seen = reader->reader().snapshot("main", "chest", "box_1").value();
  EXPECT_EQ(seen->parts<Thing>().size(), 6U);
  EXPECT_EQ(seen->derived<Weights>().sum, 6);
  EXPECT_EQ(put_thing(*first, "box_1", "very-last", 1), 7);
}

TEST_F(ResidentTest, AStateThatCannotBeReadParksItsKeyAndIsReplayedOnceItCan) {
  make_topics();
  auto says = start(alpha());
  auto hears = start(beta());
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 1; }));
  hears.reset();
  auto connection = database("beta");
  connection.exec("UPDATE key_state SET state = state || '\\xffff'::bytea WHERE key = 'box_1'");
  hears = start(beta());
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 2), {}).ok());
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 4), {}).ok());
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_2", 1), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_2").total() == 1; })) << "the others go on";
  ASSERT_TRUE(eventually([&] { return hears->activity()->events_waiting() == 1; }));
  const auto letter = hears->dead_letters(false)->dead_letters(0);
  EXPECT_NE(letter.reason().find("not a readable"), std::string::npos) << letter.reason();
  EXPECT_EQ(hears->replay(letter.dead_letter_id(), "").status().reason(), "STILL_FAILS");
  connection.exec("UPDATE key_state SET state = substr(state, 1, length(state) - 2) WHERE key = 'box_1'");
  hears.reset();
  hears = start(beta());
  EXPECT_TRUE(hears->replay(letter.dead_letter_id(), "the old program is back").ok());
  EXPECT_EQ(state_of(*hears, "shadow", "box_1").total(), 7);
}

TEST_F(ResidentTest, AnEventOfATypeThatOnlyANewerProgramKnowsIsOfferedAfterTheUpgrade) {
  make_topics();
  auto hears = start(beta());
  say("t.box", "alpha", "box_1", 1, make<BoxFilled>("box_1", 3, "t"));
  // A newer gamma says an event that this program's catalogue does not have.
  say("t.lock", "gamma", "box_1", 1, make<BoxUnsealed>("box_1", 0, ""));
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 4, "t"));
  auto connection = database("beta");
  ASSERT_TRUE(eventually([&] { return connection.exec("SELECT 1 FROM unknown_event").size() == 1; }));
  hears.reset();
  // After the upgrade the unknown type is heard: it is what opens the box.
  std::string newer = kCatalog;
  newer.replace(newer.find("event: \"loomline.kerneltest.v1.BoxUnlocked\""), 0,
                "event: \"loomline.kerneltest.v1.BoxUnsealed\" ");
  testing::use_catalog(newer);
  auto new_beta = beta();
  new_beta.aggregate<BoxState>("shadow", "box").on<BoxUnsealed>([](BoxState& state, const BoxUnsealed&, Step&) {
    state.set_open(true);
    return Verdict::applied();
  });
  hears = start(std::move(new_beta));
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 7; }));
  EXPECT_EQ(connection.exec("SELECT 1 FROM unknown_event").size(), 0);
  EXPECT_EQ(hears->activity()->events_waiting(), 0);
}

// A replica that does not own the lane reads rows that another writes: the state and its parts are of one moment.
TEST_F(ResidentTest, AReaderBesideAWriterSeesWholeStates) {
  auto writes = start(gamma(), "one");
  auto reads = start(gamma(), "two");
  ASSERT_TRUE(eventually([&] { return writes->ready(nullptr) && reads->ready(nullptr); }));
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&, i] {
      const auto chest = "box_" + std::to_string(i);
      for (int n = 0; !stop; ++n)
        ASSERT_TRUE(writes->execute<PutThingResponse>("Put", put(chest, "thing " + std::to_string(n), 1), {}).ok());
    });
  int looks = 0, torn = 0, whole = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  for (; std::chrono::steady_clock::now() < until; ++looks)
    for (auto* runtime : {writes.get(), reads.get()}) {
      const auto seen = runtime->reader().snapshot("main", "chest", "box_" + std::to_string(looks % 4));
      if (!seen.ok() || *seen == nullptr) continue;
      const auto things = static_cast<std::int64_t>((*seen)->parts<Thing>().size());
      ++((*seen)->state<ChestState>().things() == things && (*seen)->derived<Weights>().sum == things ? whole : torn);
    }
  stop = true;
  for (auto& writer : writers) writer.join();
  EXPECT_GT(whole, 0);
  EXPECT_EQ(torn, 0) << "of " << whole + torn;
}

// A plant is read in a second, not in a millisecond: those who wait for that must not have the pool in their hands.
TEST_F(ResidentTest, ReadersThatWaitForALargeAggregateLeaveTheConnectionsToOthers) {
  auto writes = start(gamma(), "a"), reads = start(gamma(), "b");
  ASSERT_TRUE(writes->execute<PutThingResponse>("Put", put("box_1", "lamp", 1), {}).ok());
  ASSERT_TRUE(writes->execute<PutThingResponse>("Put", put("box_2", "lamp", 1), {}).ok());
  auto other = database("gamma");
  std::optional<postgres::Transaction> slow(std::in_place, other);
  slow->exec("LOCK TABLE key_part IN ACCESS EXCLUSIVE MODE");
  const auto sessions = [&] {
    return database("gamma").exec("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()").size();
  };
  const auto before = sessions();
  std::atomic<int> seen = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 40; ++i)
    readers.emplace_back([&] {
      const auto snapshot = reads->reader().snapshot("main", "chest", "box_1");
      if (snapshot.ok() && *snapshot != nullptr && (*snapshot)->parts<Thing>().size() == 1) ++seen;
    });
  std::this_thread::sleep_for(std::chrono::seconds(1));  // for all of them to come as far as they can
  EXPECT_LE(sessions() - before, 4) << "one reads, for all";
  ChestState state;
  EXPECT_TRUE(reads->reader().get("main", "chest", "box_2", state).ok());
  slow.reset();
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(seen, 40);
}

// A session that is lost between a row and its parts: what was read by then must not be taken for all of it.
TEST_F(ResidentTest, WhatWasReadByHalfIsReadAgain) {
  auto first = start(gamma(), "a"), second = start(gamma(), "b");
  for (int i = 1; i <= 3; ++i) put_thing(*first, "box_1", "thing-" + std::to_string(i), 1);
  EXPECT_EQ(put_thing(*second, "box_1", "thing-4", 1), 4);  // knows all of them from now on
  EXPECT_EQ(put_thing(*first, "box_1", "thing-5", 1), 5);
  EXPECT_EQ(put_thing_with_a_lost_session(*second, "part_floor", "last"), 6);
  EXPECT_EQ(put_thing(*first, "box_1", "very-last", 1), 7);
}

TEST_F(ResidentTest, AfterALostCommitOnlyWhatWasWrittenSinceIsRead) {
  auto service = start(gamma()), other = start(gamma(), "b");
  for (int i = 1; i <= 4; ++i) put_thing(*other, "box_1", "thing-" + std::to_string(i), 1);
  EXPECT_EQ(put_thing(*service, "box_1", "thing-5", 1), 5);
  const auto thing_1 = [&] {
    const auto seen = service->reader().snapshot("main", "chest", "box_1").value();
    return std::pair(seen, seen->parts<Thing>().find("thing-1"));
  };
  const auto [before, as_read_first] = thing_1();
  EXPECT_EQ(put_thing_with_a_lost_session(*service, "kernel_commit", "last"), 6);
  const auto [after, as_known_now] = thing_1();
  EXPECT_EQ(after->parts<Thing>().size(), 6U);
  EXPECT_EQ(as_known_now, as_read_first) << "all of it was read anew";
  EXPECT_EQ(put_thing(*other, "box_1", "very-last", 1), 7);
}

// Handlers run while the rows are locked, and on a busy machine a session that says nothing for two seconds is no dead one.
TEST_F(ResidentTest, LockedRowsWaitForTheHandlers) {
  auto service = start(gamma());
  ASSERT_EQ(put_thing(*service, "box_1", "lamp", 1), 1);
  postgres::Options own;
  own.conninfo = postgres::with_database(options_.postgres, options_.installation + "gamma");
  postgres::Pool pool(own, 1);
  const auto definition = gamma();
  const Registry registry(definition, Catalog::current());
  PostgresSteps steps(pool, registry);
  const std::set<KeyId> keys{{"main", "chest", "box_1"}};
  auto session = steps.open(&keys);
  std::this_thread::sleep_for(own.idle_in_transaction_timeout + std::chrono::milliseconds(500));
  EXPECT_EQ(session->load({*keys.begin()}).front()->version, 1);
}

TEST_F(ResidentTest, AListenerIsToldOfEachCommittedChangeWhenAReaderSeesIt) {
  auto runtime = start(gamma());
  std::vector<std::int64_t> seen;
  auto listening = runtime->listen("chest", [&](const std::string& tenant, const std::string& key) {
    seen.push_back((*runtime->reader().snapshot(tenant, "chest", key))->state<ChestState>().things());
  });
  const auto elsewhere = runtime->listen("shadow", [&](const auto&...) { ADD_FAILURE() << "another kind"; });
  for (const auto* thing : {"lamp", "chair"})
    ASSERT_TRUE(runtime->execute<PutThingResponse>("Put", put("box_1", thing, 1), {}).ok());
  EXPECT_FALSE(runtime->execute<PutThingResponse>("Put", put("box_1", "table", 13), {}).ok());
  EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2})) << "before the caller is answered; nothing of what was refused";
  listening.reset();
  ASSERT_TRUE(runtime->execute<PutThingResponse>("Put", put("box_1", "table", 1), {}).ok());
  EXPECT_EQ(seen.size(), 2U);
}

// What it works on itself it knows by heart, and another replica may have executed a command on it.
TEST_F(ResidentTest, AReaderSeesWhatAnotherReplicaDidToItsOwn) {
  auto first = start(gamma(), "one");
  auto second = start(gamma(), "two");
  const auto things = [](Runtime& runtime) {
    const auto seen = runtime.reader().snapshot("main", "chest", "box_1");
    return seen.ok() && *seen != nullptr ? (*seen)->parts<Thing>().size() : 0U;
  };
  std::size_t put_in = 0;
  for (int round = 0; round < 5; ++round)
    for (auto* one : {first.get(), second.get()}) {
      ASSERT_TRUE(one->execute<PutThingResponse>("Put", put("box_1", "thing " + std::to_string(put_in), 1), {}).ok());
      ++put_in;
      EXPECT_EQ(things(*second), put_in);
      EXPECT_TRUE(eventually([&] { return things(*first) == put_in; })) << "as soon as it knows of the other";
    }
}

}  // namespace
}  // namespace loomline::eventing
