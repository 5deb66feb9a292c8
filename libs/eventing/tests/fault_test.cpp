// What goes wrong: crashes, poison, foreign bytes, lost databases, rebalances.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

using KernelFaultTest = RigTest;

TEST_F(KernelFaultTest, WhatWasCommittedBeforeACrashIsPublishedAfterIt) {
  const pid_t child = fork();
  if (child == 0) {
    auto service = start(alpha());
    faults::exit_after_commit = true;
    (void)service->execute<FillResponse>("Fill", fill("box_1", 3), {.idempotency_key = "k"});
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 9) << "the child was to end between commit and publish";
  auto to = start(beta());
  auto from = start(alpha());
  EXPECT_EQ(from->execute<FillResponse>("Fill", fill("box_1", 3), {.idempotency_key = "k"})->total(), 3);
  ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 3; }, 40));
}

TEST_F(KernelFaultTest, AnOfferThatIsLostIsFetchedFromTheOutbox) {
  auto from = start(alpha());
  auto to = start(beta());
  faults::lose_offers = true;
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 3), {}).ok());
  faults::lose_offers = false;
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 4), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 7; }));
}

TEST_F(KernelFaultTest, ALaneFindsOutACommitInDoubt) {
  make_topics();
  auto to = start(beta());
  ASSERT_TRUE(eventually([&] { return to->ready(nullptr); }));
  faults::lose_commit_answer = true;
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  for (int i = 1; i <= 5; ++i) say("t.box", "alpha", "box_1", i + 1, make<BoxFilled>("box_1", 1, "a"));
  ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 5; }));
  // A reader sees what was committed before the lane misses the answer.
  EXPECT_TRUE(eventually([] { return !faults::lose_commit_answer; }));
  EXPECT_EQ(state_of(*to, "shadow", "box_1").tags_size(), 5);
}

// A process that knows of no other compares rows as it writes them, and still finds that another has written one.
TEST_F(KernelFaultTest, AStepBesideNobodyLosesNothingThatAnotherWrote) {
  auto runtime = start(alpha());
  ASSERT_EQ(runtime->execute<FillResponse>("Fill", fill("box_1", 3), {})->total(), 3);
  auto elsewhere = state_of(*runtime, "box", "box_1");
  elsewhere.set_total(100);
  const auto bytes = elsewhere.SerializeAsString();
  database("alpha").exec("UPDATE key_state SET state = $1::bytea, version = version + 1 WHERE kind = 'box'",
                         postgres::Bytes(bytes));
  EXPECT_EQ(runtime->execute<FillResponse>("Fill", fill("box_1", 4), {.idempotency_key = "once"})->total(), 104);
  EXPECT_EQ(runtime->execute<FillResponse>("Fill", fill("box_1", 4), {.idempotency_key = "once"})->total(), 104);
  EXPECT_EQ(state_of(*runtime, "box", "box_1").total(), 104);
  EXPECT_EQ(database("alpha").exec("SELECT 1 FROM outbox WHERE type LIKE '%BoxFilled'").size(), 2);
}

TEST_F(KernelFaultTest, APoisonMessageParksItsKeyUntilAnOperatorDecides) {
  make_topics();
  auto service = start(beta());
  for (int box = 1; box <= 3; ++box) {
    const auto key = "box_" + std::to_string(box);
    // The three may share a lane: each has a chain of its own by epoch.
    say("t.box", "alpha", key, 1, make<BoxOpened>(key, 0, ""), box);
    say("t.box", "alpha", key, 2, make<BoxFilled>(key, 1, box == 2 ? "poison" : "a"), box);
    say("t.box", "alpha", key, 3, make<BoxFilled>(key, 2, "b"), box);
  }
  ASSERT_TRUE(eventually([&] {
    return state_of(*service, "shadow", "box_1").total() == 3 && state_of(*service, "shadow", "box_3").total() == 3;
  }));
  ASSERT_TRUE(eventually([&] { return service->dead_letters(false)->dead_letters_size() == 1; }));
  EXPECT_EQ(state_of(*service, "shadow", "box_2").total(), 0);
  ASSERT_TRUE(eventually([&] { return service->dead_letters(false)->dead_letters(0).queued_behind() == 1; }));
  const auto letter = service->dead_letters(false)->dead_letters(0);
  EXPECT_EQ(letter.key(), "box_2");
  EXPECT_NE(letter.reason().find("poisoned"), std::string::npos);
  EXPECT_EQ(service->replay(letter.dead_letter_id(), "try").status().reason(), "STILL_FAILS");
  EXPECT_EQ(service->drop(letter.dead_letter_id(), "known bad")->state(), common::v1::DEAD_LETTER_STATE_DROPPED);
  EXPECT_EQ(state_of(*service, "shadow", "box_2").total(), 2) << "what queued behind it is applied";
  EXPECT_EQ(service->drop(letter.dead_letter_id(), "again").status().reason(), "DEAD_LETTER_CLOSED");
  EXPECT_EQ(service->drop("dlq_none", "").status().code(), Code::not_found);
  EXPECT_EQ(service->activity()->dead_letters(), 0);
}

TEST_F(KernelFaultTest, AnEventThatNamesAnotherKeyThanItsMessageIsNotApplied) {
  make_topics();
  auto service = start(beta());
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_2", 0, ""));
  say("t.box", "alpha", "box_2", 1, make<BoxOpened>("box_2", 0, ""), 2);
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_2").open(); }));
  ASSERT_TRUE(eventually([&] { return service->dead_letters(false)->dead_letters_size() == 1; }));
  const auto letter = service->dead_letters(false)->dead_letters(0);
  EXPECT_EQ(letter.key(), "box_1");
  EXPECT_EQ(letter.reason(), "field box_id of the body is not the message's key");
  EXPECT_FALSE(state_of(*service, "shadow", "box_1").open());
}

TEST_F(KernelFaultTest, ForeignBytesAndUnknownTypesStallNothing) {
  make_topics();
  auto service = start(beta());
  produce("t.box", "box_1", "not protobuf", {});
  say("t.box", "mallory", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  produce("t.box", "box_\xff\xfe", "not text", {});
  produce("t.box", "box_1", "", {{"ce_specversion", "1.0"}, {"ce_id", "\xc3\x28"}, {"ce_source", "alpha"}});
  BoxOpened wrong_key;
  say("t.box", "alpha", "box_\xc3\x28", 1, wrong_key, 9);
  say("t.box", "alpha", "box_1", 1, Alarm());
  say("t.box", "alpha", "box_1", 2, make<BoxSeen>("box_1", 0, ""));
  say("t.box", "alpha", "box_1", 3, make<BoxOpened>("box_1", 0, ""));
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").open(); }));
  ASSERT_TRUE(eventually([&] { return service->dead_letters(false)->dead_letters_size() == 5; }));
  auto connection = database("beta");
  EXPECT_EQ(connection.exec("SELECT type FROM unknown_event").one().text(0), "loomline.kerneltest.v1.Alarm");
  const auto id = service->dead_letters(false)->dead_letters(0).dead_letter_id();
  EXPECT_EQ(service->replay(id, "").status().reason(), "NOT_REPLAYABLE");
  EXPECT_TRUE(service->drop(id, "rubbish").ok());
  // Read again, as after a loss or for a gap, it is the same rubbish.
  service.reset();
  const auto read = [&] {
    return connection.exec("SELECT sum(next_offset)::bigint FROM consumer_offset").one().int64(0);
  };
  ASSERT_EQ(read(), 8);
  connection.exec("UPDATE consumer_offset SET next_offset = 0");
  service = start(beta());
  ASSERT_TRUE(eventually([&] { return read() == 8; }));
  EXPECT_EQ(service->dead_letters(false)->dead_letters_size(), 4);
  EXPECT_EQ(service->dead_letters(true)->dead_letters_size(), 5);
}

// What its source's publisher did not write uses up no number: the event that has it is applied all the same.
TEST_F(KernelFaultTest, AForgedMessageTakesNobodysPlaceInTheChain) {
  make_topics();
  auto service = start(beta());
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_9", 0, ""), 1, "x");
  // A key of another partition; its id is right for the place that it claims.
  std::string other = "box_2";
  for (int i = 3; lane_of(other, options_.partitions) == lane_of("box_1", options_.partitions); ++i)
    other = "box_" + std::to_string(i);
  say("t.box", "alpha", other, 500, make<BoxOpened>(other, 0, ""), 1,
      event_id("alpha", 1, "t.box", lane_of("box_1", options_.partitions), 500));
  ASSERT_TRUE(eventually([&] { return service->dead_letters(false)->dead_letters_size() == 2; }));
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  say("t.box", "alpha", other, 1, make<BoxOpened>(other, 0, ""));
  EXPECT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").open(); }));
  EXPECT_TRUE(eventually([&] { return state_of(*service, "shadow", other).open(); }));
  EXPECT_EQ(service->dead_letters(false)->dead_letters_size(), 2);
}

TEST_F(KernelFaultTest, TheOutboxIsThrownAwayByTheHourAndOnlyWhatTheBrokerHas) {
  auto from = start(alpha());
  auto to = start(beta());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 3; }));
  auto connection = database("alpha");
  const auto number = [&](const std::string& sql) { return connection.exec(sql).one().int64(0); };
  const std::string rows = "SELECT count(*) FROM outbox",
                    tables = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'outbox'::regclass";
  const auto before = number(rows);
  EXPECT_GE(before, 3);
  EXPECT_EQ(number("SELECT count(*) FROM outbox_rest"), 0);
  EXPECT_GE(number(tables), 4) << "this hour, the next two, and the rest";
  EXPECT_EQ(number("SELECT kernel_rotate_outbox(now() + interval '5 hours')"), 0);
  EXPECT_EQ(number(rows), before);
  // Not yet published, as far as the watermark says: kept however old.
  connection.exec_script(
      "UPDATE publication SET published = 0; SELECT kernel_rotate_outbox(now() + interval '10 hours')");
  EXPECT_EQ(number(rows), before);
  connection.exec_script("UPDATE publication p SET published = c.next_seq - 1 FROM chain c WHERE c.id = p.chain");
  EXPECT_GE(number("SELECT kernel_rotate_outbox(now() + interval '10 hours')"), 1);
  EXPECT_EQ(number(rows), 0);
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  EXPECT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 4; }));
}

TEST_F(KernelFaultTest, ADatabaseMadeAnewBeginsANewEpoch) {
  auto to = start(beta());
  {
    auto from = start(alpha());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
    ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 3; }));
  }
  {
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection(admin).exec_script("DROP DATABASE " + options_.installation + "alpha WITH (FORCE)");
  }
  auto from = start(alpha());
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 10), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 13; }));
}

// What tests/sim/restored_test.cpp tries in memory, in rows.
TEST_F(KernelFaultTest, ARestoredDatabaseSaysUnderNewNumbersWhatItDecidedSince) {
  const auto alphas = options_.installation + "alpha", backup = options_.installation + "backup";
  const auto at_server = [&](const std::string& sql) {
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection(admin).exec_script(sql);
  };
  auto to = start(beta());
  const auto fill_and_hear = [&](int times, int amount, int total) {
    auto from = start(alpha());
    for (int i = 0; i < times; ++i) ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", amount), {}).ok());
    ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == total; })) << total;
  };
  fill_and_hear(3, 1, 3);
  at_server("CREATE DATABASE " + backup + " TEMPLATE " + alphas);
  fill_and_hear(2, 10, 23);
  at_server("DROP DATABASE " + alphas + " WITH (FORCE)");
  at_server("ALTER DATABASE " + backup + " RENAME TO " + alphas);
  {
    // Committed before the broker was seen: three events of amount 1, one more than it has got meanwhile.
    postgres::Options options;
    options.conninfo = postgres::with_database(options_.postgres, alphas);
    postgres::Connection(options).exec_script(
        "INSERT INTO outbox (chain, seq, tenant, key, type, causation, traceparent, time, body)"
        " SELECT o.chain, o.seq + i, o.tenant, o.key, o.type, o.causation, o.traceparent, o.time + 60000000 + i, o.body"
        " FROM outbox o JOIN chain c ON c.id = o.chain AND c.next_seq = o.seq + 1, generate_series(1, 3) i"
        " WHERE o.key = 'box_1';"
        "UPDATE chain c SET next_seq = next_seq + 3 FROM outbox o WHERE o.chain = c.id AND o.key = 'box_1'");
  }
  fill_and_hear(0, 0, 26);
  fill_and_hear(1, 100, 126);
}

TEST_F(KernelFaultTest, TwoReplicasShareTheLanesAndHandThemOver) {
  auto from = start(alpha());
  auto first = start(beta(), "one");
  constexpr int kBoxes = 20, kEach = 30;
  std::thread feeder([&] {
    for (int i = 0; i < kEach; ++i) {
      for (int box = 0; box < kBoxes; ++box) {
        ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_" + std::to_string(box), 1), {}).ok());
      }
    }
  });
  auto second = start(beta(), "two");
  std::this_thread::sleep_for(std::chrono::seconds(2));
  first.reset();  // hands over in the middle
  feeder.join();
  ASSERT_TRUE(eventually(
      [&] {
        for (int box = 0; box < kBoxes; ++box) {
          if (state_of(*second, "shadow", "box_" + std::to_string(box)).total() < kEach) return false;
        }
        return true;
      },
      60));
  for (int box = 0; box < kBoxes; ++box) {
    EXPECT_EQ(state_of(*second, "shadow", "box_" + std::to_string(box)).total(), kEach);
  }
  EXPECT_TRUE(eventually([&] { return state_of(*from, "box", "box_0").tags_size() == kEach; }, 30))
      << "what the first replica committed is published by the second";
}

// Another member takes the name, and goes: librdkafka's client has given up for good by then.
TEST_F(KernelFaultTest, AConsumerThatGivesUpIsMadeAnew) {
  auto from = start(alpha());
  auto to = start(beta(), "one");
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 1; }));
  {
    kafka::Config config(options_.kafka, "thief");
    config.set("group.id", options_.installation + "beta").set("group.instance.id", "beta-one");
    config.set("partition.assignment.strategy", "range").set("session.timeout.ms", "6000");
    const auto thief = config.consumer();
    rd_kafka_poll_set_consumer(thief.get());
    ASSERT_EQ(rd_kafka_subscribe(thief.get(), kafka::list_of({{options_.installation + "t.box", -1, 0}}).get()),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_TRUE(eventually([&] {
      const kafka::Message message(rd_kafka_consumer_poll(thief.get(), 100));
      rd_kafka_topic_partition_list_t* held = nullptr;
      if (rd_kafka_assignment(thief.get(), &held) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
      return kafka::Partitions(held)->cnt > 0;
    }));
    std::this_thread::sleep_for(std::chrono::seconds(2));  // a heartbeat of the first one
    rd_kafka_consumer_close(thief.get());
  }
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  EXPECT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 2; }, 60));
}

// As it was seen of librdkafka 2.0.2 after a broker had been killed: it sends its heartbeats and brings nothing.
TEST_F(KernelFaultTest, AConsumerThatBringsNothingIsMadeAnew) {
  make_topics();
  auto to = start(beta(), "one");
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "a"));
  ASSERT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 1; }));
  faults::stop_fetching = true;
  ASSERT_TRUE(eventually([] { return !faults::stop_fetching; }));
  say("t.box", "alpha", "box_1", 3, make<BoxFilled>("box_1", 1, "b"));
  EXPECT_TRUE(eventually([&] { return state_of(*to, "shadow", "box_1").total() == 2; }, 90));
}

TEST_F(KernelFaultTest, TheDatabaseGoingAwayForAMomentLosesNothing) {
  auto from = start(alpha());
  auto to = start(beta());
  std::atomic<bool> stop = false;
  std::thread killer([&] { end_sessions_until(stop); });
  int acknowledged = 0;
  for (int i = 0; i < 60; ++i) {
    acknowledged += from->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok() ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  stop = true;
  killer.join();
  ASSERT_TRUE(eventually([&] { return quiet({from.get(), to.get()}); }, 30));
  EXPECT_EQ(state_of(*from, "box", "box_1").total(), acknowledged);
  EXPECT_EQ(state_of(*to, "shadow", "box_1").total(), acknowledged);
}

// Beside another replica timers are looked for all the time: what fails then may not take commands with it that wait
// for the same step, for nobody would answer their callers.
TEST_F(KernelFaultTest, CallersAreAnsweredWhateverTheDatabaseFails) {
  constexpr int kCallers = 4, kEach = 10;
  auto first = start(alpha(), "alpha-1");
  auto second = start(alpha(), "alpha-2");
  std::atomic<bool> stop = false;
  std::thread killer([&] { end_sessions_until(stop); });
  const auto answered = std::make_shared<std::atomic<int>>(0);
  for (int caller = 0; caller < kCallers; ++caller)
    std::thread([&first = *first, answered, caller] {  // not joined: one that is not answered would never end
      for (int i = 0; i < kEach; ++i) {
        (void)first.execute<FillResponse>("Fill", fill("box_" + std::to_string(caller), 1), {});
        ++*answered;
      }
    }).detach();
  EXPECT_TRUE(eventually([&] { return *answered == kCallers * kEach; }, 120)) << *answered << " were answered";
  stop = true;
  killer.join();
  EXPECT_TRUE(eventually([&] { return first->activity()->commands_running() == 0; }));
}

TEST_F(KernelFaultTest, AnotherPartitionCountIsRefusedWithTheRemedy) {
  { auto service = start(alpha()); }
  options_.partitions = 5;
  const auto refused = Runtime::start(alpha(), options_);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("partitions"), std::string::npos);
}

}  // namespace
}  // namespace loomline::eventing
