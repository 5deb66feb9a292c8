// Programs of two versions on the same stores: side by side while an upgrade goes on, and one after the other when it
// is taken back. What the newer one left that the older one does not know must wait for it, and stop nothing.
#include "loomline/postgres/migrations.hpp"
#include "src/commit/schema.hpp"
#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

constexpr const char* kAdditive = R"sql(
-- additive: the next program calls this function, and this program's own stays
CREATE FUNCTION kernel_commit_2(text[]) RETURNS bigint LANGUAGE sql AS 'SELECT cardinality($1)::bigint';
ALTER TABLE key_state ADD note text;
)sql";

class RollbackTest : public RigTest {
 protected:
  void TearDown() override {
    if (options_.installation.empty()) return;
    postgres::Options admin;
    admin.conninfo = options_.postgres;
    postgres::Connection(admin).exec_script("DROP DATABASE IF EXISTS " + options_.installation + "gamma WITH (FORCE)");
    RigTest::TearDown();
  }
  // The kernel's migrations as a later program has them.
  void migrate_ahead(std::initializer_list<postgres::Migration> more) const {
    std::vector<postgres::Migration> steps(kernel_migrations().begin(), kernel_migrations().end());
    steps.insert(steps.end(), more);
    auto connection = database("beta");
    postgres::migrate(connection, "eventing", steps);
  }
  static Status put_thing(Runtime& service, const std::string& name, std::int64_t weight) {
    return service.execute<PutThingResponse>("Put", put("box_1", name, weight), {}).status();
  }
};

TEST_F(RollbackTest, AProgramGoesOnWhileItsDatabaseIsAheadAndStartsThere) {
  make_topics();
  auto says = start(alpha());
  auto hears = start(beta());
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 1; }));
  const auto next = static_cast<int>(kernel_migrations().size()) + 1;
  migrate_ahead({{next, "a step in two", kAdditive}});
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 2), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 3; })) << "while it runs";
  hears.reset();
  hears = start(beta());
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 4), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 7; })) << "started there";
  hears.reset();
  migrate_ahead({{next, "a step in two", kAdditive}, {next + 1, "no notes", "ALTER TABLE key_state DROP note"}});
  const auto refused = Runtime::start(beta(), options_);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().to_string().find("(no notes) is in the database but not in this program"),
            std::string::npos)
      << refused.status().to_string();
}

// gamma as the next version has it: each thing that is put in is noted in a part of its own.
Service noting_gamma(const std::string& collection) {
  Service service("gamma");
  service.aggregate<ChestState>("chest", "box")
      .parts<Thing>("thing")
      .parts<BoxCounted>(collection)
      .command<PutThingRequest, PutThingResponse>(
          "Put", [](const PutThingRequest& request, const Cause&) -> Result<std::string> { return request.chest_id(); },
          [](ChestState& state, const PutThingRequest& request, Step& step) -> Result<PutThingResponse> {
            auto things = step.parts<Thing>();
            auto notes = step.parts<BoxCounted>();
            things.add(request.name()).set_weight(request.weight());
            notes.add(request.name()).set_tag("noted");
            state.set_things(static_cast<std::int64_t>(things.size()));
            PutThingResponse response;
            response.set_things(state.things());
            response.set_weight(static_cast<std::int64_t>(notes.size()));
            return response;
          });
  return service;
}

TEST_F(RollbackTest, AnAddedCollectionIsLeftAloneByAProgramThatDoesNotKnowIt) {
  auto old = start(gamma(), "old");
  ASSERT_TRUE(put_thing(*old, "a", 1).ok());
  auto newer = start(noting_gamma("+note"), "new");
  ASSERT_TRUE(put_thing(*newer, "b", 2).ok());
  EXPECT_TRUE(put_thing(*old, "c", 3).ok()) << "one that was in its memory";
  old.reset();
  newer.reset();
  old = start(gamma(), "old");
  EXPECT_TRUE(put_thing(*old, "d", 4).ok()) << "one that it reads";
  old.reset();
  newer = start(noting_gamma("+note"), "new");
  const auto answer = newer->execute<PutThingResponse>("Put", put("box_1", "e", 5), {});
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(answer->things(), 5);
  EXPECT_EQ(answer->weight(), 2) << "b and e";
}

TEST_F(RollbackTest, AnyOtherCollectionStopsAProgramThatDoesNotKnowIt) {
  auto old = start(gamma(), "old");
  ASSERT_TRUE(put_thing(*old, "a", 1).ok());
  auto newer = start(noting_gamma("note"), "new");
  ASSERT_TRUE(put_thing(*newer, "b", 2).ok());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(put_thing(*old, "c", 3).reason(), "STATE_UNREADABLE") << "one that was in its memory";
  old.reset();
  old = start(gamma(), "old");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(put_thing(*old, "c", 3).reason(), "STATE_UNREADABLE") << "one that it reads";
  EXPECT_TRUE(put_thing(*newer, "c", 3).ok());
}

TEST_F(RollbackTest, FieldsThatItDoesNotKnowOutliveItsHandlers) {
  auto service = start(gamma());
  ASSERT_TRUE(put_thing(*service, "a", 1).ok());
  service.reset();
  auto connection = database("gamma");
  // Field 111, "n": of a newer program.
  connection.exec("UPDATE key_state SET state = state || '\\xfa06016e'::bytea");
  connection.exec("UPDATE key_part SET body = body || '\\xfa06016e'::bytea");
  service = start(gamma());
  ASSERT_TRUE(put_thing(*service, "a", 2).ok());
  ASSERT_TRUE(put_thing(*service, "b", 3).ok());
  for (const char* kept : {"SELECT 1 FROM key_state WHERE position('\\xfa06016e'::bytea IN state) > 0",
                           "SELECT 1 FROM key_part WHERE name = 'a' AND position('\\xfa06016e'::bytea IN body) > 0"})
    EXPECT_EQ(connection.exec(kept).size(), 1) << kept;
}

TEST_F(RollbackTest, TimersThatOnlyANewerProgramTakesWaitForItAndHoldUpNothing) {
  make_topics();
  auto old = start(alpha());
  ASSERT_TRUE(old->execute<FillResponse>("Fill", fill("box_1", 1, "alarm"), {}).ok());
  old.reset();
  {
    auto connection = database("alpha");
    connection.exec("UPDATE timer SET due = 1000");
    for (const auto& [kind, name] : {std::pair("box", "bell/box_1"), std::pair("crate", "alarm")})
      connection.exec(
          "INSERT INTO timer (tenant, kind, key, name, lane, due, payload) SELECT 'main', $1, 'box_1', $2 || '/' || i,"
          " (SELECT min(lane) FROM timer), 1, '' FROM generate_series(1, 300) i",
          kind, name);
  }
  old = start(alpha());
  ASSERT_TRUE(eventually([&] { return state_of(*old, "box", "box_1").rings() == 1; }));
  EXPECT_EQ(old->activity()->dead_letters(), 0);
  EXPECT_EQ(old->activity()->timers_due(), 0) << "they are not waited for";
  old.reset();
  auto with_bell = alpha();
  with_bell.aggregate<BoxState>("box", "box").timer<Alarm>("bell", [](BoxState& state, const Alarm&, Step&) {
    state.set_rings(state.rings() + 1);
    return Verdict::applied();
  });
  auto newer = start(std::move(with_bell));
  ASSERT_TRUE(eventually([&] { return state_of(*newer, "box", "box_1").rings() == 301; }));
  EXPECT_EQ(newer->activity()->dead_letters(), 0);
}

// beta as the next version has it: it hears one event more, and lets it wait while the box is shut.
Service unsealing_beta() {
  auto service = beta();
  service.aggregate<BoxState>("shadow", "box").on<BoxUnsealed>([](BoxState& state, const BoxUnsealed&, Step&) {
    if (!state.open()) return Verdict::not_yet("the box is shut");
    state.add_tags("unsealed");
    return Verdict::applied();
  });
  return service;
}

class NewTypeTest : public RollbackTest {
 protected:
  void newer_catalog() {
    std::string newer = kCatalog;
    newer.replace(newer.find("event: \"loomline.kerneltest.v1.BoxUnlocked\""), 0,
                  "event: \"loomline.kerneltest.v1.BoxUnsealed\" ");
    testing::use_catalog(newer);
  }
  static std::string tags_of(Runtime& runtime, const std::string& box) {
    std::string tags;
    const auto state = state_of(runtime, "shadow", box);
    for (const auto& tag : state.tags()) tags += tag + " ";
    return tags;
  }
};

TEST_F(NewTypeTest, WhatWaitedUnderANewerProgramOutlivesAnOlderOne) {
  make_topics();
  newer_catalog();
  auto newer = start(unsealing_beta());
  say("t.lock", "gamma", "box_1", 1, make<BoxUnsealed>("box_1", 0, ""));
  ASSERT_TRUE(eventually([&] { return newer->activity()->events_waiting() == 1; }));
  newer.reset();
  testing::use_catalog(kCatalog);
  auto old = start(beta());
  say("t.lock", "gamma", "box_1", 2, make<BoxUnlocked>("box_1", 0, ""));
  say("t.box", "alpha", "box_1", 1, make<BoxFilled>("box_1", 1, "one"));
  ASSERT_TRUE(eventually([&] { return tags_of(*old, "box_1") == "one "; })) << "nothing waits behind it";
  EXPECT_EQ(old->activity()->events_waiting(), 1);
  old.reset();
  newer_catalog();
  newer = start(unsealing_beta());
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "two"));
  ASSERT_TRUE(eventually([&] { return newer->activity()->events_waiting() == 0; }));
  ASSERT_TRUE(eventually([&] { return tags_of(*newer, "box_1").find("two") != std::string::npos; }));
  EXPECT_NE(tags_of(*newer, "box_1").find("unsealed"), std::string::npos) << tags_of(*newer, "box_1");
}

TEST_F(NewTypeTest, WhatANewerProgramSetAsideStaysSoUnderAnOlderOne) {
  make_topics();
  auto old = start(beta());
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  say("t.lock", "gamma", "box_1", 1, make<BoxUnsealed>("box_1", 0, ""));
  auto connection = database("beta");
  ASSERT_TRUE(eventually([&] { return connection.exec("SELECT 1 FROM unknown_event").size() == 1; }));
  ASSERT_TRUE(eventually(
      [&] { return connection.exec("SELECT 1 FROM key_state WHERE kind = 'shadow' AND key = 'box_1'").size() == 1; }));
  old.reset();
  // A newer program takes it over, and ends before it offers it.
  newer_catalog();
  connection.exec(
      "WITH e AS (DELETE FROM unknown_event RETURNING *) INSERT INTO pending (tenant, kind, key, is_timer, event_id,"
      " type, source, recorded, traceparent, body, topic, partition, position, reason, aside) SELECT tenant, 'shadow',"
      " key, false, event_id, type, source, recorded, traceparent, body, topic, partition, position, '', true FROM e");
  connection.exec("UPDATE key_state SET waiting = waiting + 1 WHERE kind = 'shadow' AND key = 'box_1'");
  testing::use_catalog(kCatalog);
  old = start(beta());
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "one"));
  ASSERT_TRUE(eventually([&] { return tags_of(*old, "box_1") == "one "; }));
  EXPECT_EQ(connection.exec("SELECT 1 FROM pending WHERE aside AND begun = 0").size(), 1);
  old.reset();
  newer_catalog();
  const auto newer = start(unsealing_beta());
  ASSERT_TRUE(eventually([&] { return tags_of(*newer, "box_1") == "one unsealed "; })) << "by itself";
}

}  // namespace
}  // namespace loomline::eventing
