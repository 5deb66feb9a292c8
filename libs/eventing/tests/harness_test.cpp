#include <gtest/gtest.h>

#include "tests/boxes.hpp"

namespace loomline::eventing {
namespace {

using namespace boxes;  // NOLINT
using testing::Harness;

const Time kStart = parse_rfc3339("2026-01-05T08:00:00Z").value();

class HarnessTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { testing::use_catalog(kCatalog); }
};

FillRequest fill(const std::string& box, std::int64_t amount, const std::string& tag = "t") {
  FillRequest request;
  request.set_box_id(box);
  request.set_amount(amount);
  request.set_tag(tag);
  return request;
}

BoxState state_of(Harness& harness, const std::string& kind, const std::string& key) {
  BoxState state;
  EXPECT_TRUE(harness.get("main", kind, key, state).value());
  return state;
}

TEST_F(HarnessTest, ACommandChangesStateSaysEventsAndIsIdempotent) {
  Harness harness(alpha(), kStart);
  auto first = harness.execute<FillResponse>("Fill", fill("box_1", 3), {.idempotency_key = "k"});
  EXPECT_EQ(first->total(), 3);
  EXPECT_EQ(harness.execute<FillResponse>("Fill", fill("box_1", 3), {.idempotency_key = "k"})->total(), 3);
  EXPECT_EQ(harness.execute<FillResponse>("Fill", fill("box_1", 4), {.idempotency_key = "k"}).status().reason(),
            "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(harness.take().size(), 2U);
  EXPECT_EQ(harness.execute<FillResponse>("Fill", fill("box_1", -1), {}).status().code(), Code::invalid_argument);
  EXPECT_EQ(state_of(harness, "box", "box_1").total(), 3) << "a refused command leaves the state as it was";
  EXPECT_EQ(harness.find("main", "box", "tag", "t", "", 10, false)->size(), 1U);
}

TEST_F(HarnessTest, EventsWaitForTheirPreconditionAndKeepTheirOrder) {
  Harness harness(beta(), kStart);
  EXPECT_EQ(harness.deliver(make<BoxFilled>("box_1", 1, "a"), "alpha").kind(), Verdict::Kind::not_yet);
  EXPECT_EQ(harness.deliver(make<BoxFilled>("box_1", 2, "b"), "alpha").kind(), Verdict::Kind::not_yet);
  EXPECT_EQ(harness.waiting(), 2U);
  EXPECT_EQ(harness.deliver(make<BoxOpened>("box_1", 0, ""), "gamma").kind(), Verdict::Kind::applied);
  EXPECT_EQ(harness.waiting(), 0U);
  const auto state = state_of(harness, "shadow", "box_1");
  EXPECT_EQ(state.total(), 3);
  ASSERT_EQ(state.tags_size(), 2);
  EXPECT_EQ(state.tags(0), "a");
}

TEST_F(HarnessTest, ADuplicateChangesNothing) {
  Harness harness(beta(), kStart);
  (void)harness.deliver(make<BoxOpened>("box_1", 0, ""), "alpha", "1");
  EXPECT_EQ(harness.deliver(make<BoxFilled>("box_1", 1, "a"), "alpha", "2").kind(), Verdict::Kind::applied);
  EXPECT_EQ(harness.deliver(make<BoxFilled>("box_1", 1, "a"), "alpha", "2").kind(), Verdict::Kind::ignored);
  EXPECT_EQ(state_of(harness, "shadow", "box_1").total(), 1);
}

TEST_F(HarnessTest, AFailingHandlerParksTheKeyOnly) {
  Harness harness(beta(), kStart);
  for (const char* box : {"box_1", "box_2"}) (void)harness.deliver(make<BoxOpened>(box, 0, ""));
  EXPECT_EQ(harness.deliver(make<BoxFilled>("box_1", 1, "poison")).kind(), Verdict::Kind::refused);
  EXPECT_EQ(harness.deliver(make<BoxFilled>("box_1", 1, "a")).kind(), Verdict::Kind::not_yet);
  EXPECT_EQ(harness.deliver(make<BoxFilled>("box_2", 1, "a")).kind(), Verdict::Kind::applied);
  EXPECT_EQ(state_of(harness, "shadow", "box_1").total(), 0);
}

TEST_F(HarnessTest, TimersFireWhenTheBusinessClockReachesThem) {
  Harness harness(alpha(), kStart);
  ASSERT_TRUE(harness.execute<FillResponse>("Fill", fill("box_1", 1, "alarm"), {}).ok());
  harness.advance_to(kStart + std::chrono::minutes(59));
  EXPECT_EQ(state_of(harness, "box", "box_1").rings(), 0);
  harness.advance_to(kStart + std::chrono::hours(2));
  harness.advance_to(kStart + std::chrono::hours(3));
  EXPECT_EQ(state_of(harness, "box", "box_1").rings(), 1);
}

TEST_F(HarnessTest, SettleCarriesEventsBetweenServicesUntilNothingIsLeft) {
  Harness from(alpha(), kStart), to(beta(), kStart);
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(from.execute<FillResponse>("Fill", fill("box_1", i), {}).ok());
  testing::settle({&from, &to});
  EXPECT_EQ(state_of(to, "shadow", "box_1").total(), 6);
  EXPECT_EQ(state_of(from, "box", "box_1").tags(2), "counted 6");
}

TEST_F(HarnessTest, PartsAndWhatIsDerivedGoTogetherAndBackTogether) {
  Harness harness(gamma(), kStart);
  const auto ask = [&](const std::string& name, std::int64_t weight) {
    return harness.execute<PutThingResponse>("Put", put("box_1", name, weight), {});
  };
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(ask("thing-" + std::to_string(i), i + 100).ok());
  const auto before = harness.snapshot("main", "chest", "box_1").value();
  EXPECT_EQ(ask("thing-7", 13).status().reason(), "UNLUCKY");
  EXPECT_EQ(ask("thing-new", 13).status().reason(), "UNLUCKY");
  EXPECT_EQ(ask("thing-8", 1)->weight(), 50 * 100 + 49 * 50 / 2 - 108 + 1);
  EXPECT_EQ(ask("thing-9", 0)->things(), 49);
  harness.restart();
  EXPECT_EQ(ask("thing-10", 110)->weight(), 50 * 100 + 49 * 50 / 2 - 108 + 1 - 109);

  EXPECT_EQ(before->derived<Weights>().sum, 50 * 100 + 49 * 50 / 2) << "a snapshot stays what it was";
  EXPECT_EQ(before->parts<Thing>().find("thing-7")->weight(), 107);
  EXPECT_EQ(before->state<ChestState>().things(), 50);
  const auto now = harness.snapshot("main", "chest", "box_1").value();
  EXPECT_GT(now->version(), before->version());
  EXPECT_EQ(now->parts<Thing>().size(), 49U);
  EXPECT_EQ(now->parts<Thing>().find("thing-9"), nullptr);
  std::string names;
  now->parts<Thing>().each("thing-4", [&](const std::string& name, const Thing&) { names += name.substr(6) + " "; });
  EXPECT_EQ(names, "4 40 41 42 43 44 45 46 47 48 49 ");
  names.clear();
  now->parts<Thing>().each_after("thing-7", [&](const std::string& name, const Thing&) { names += name + " "; });
  EXPECT_EQ(names, "thing-8 ");
  EXPECT_EQ(harness.snapshot("main", "chest", "box_2").value(), nullptr);
}

TEST(PartStore, APartIsErasedByANameThatStandsInItself) {
  const BoxFilled prototype;
  const std::vector<CollectionDef> collections{{"filled", &prototype}};
  const std::string name(40, 'n');
  PartStore store(&collections);
  static_cast<BoxFilled*>(store.add(0, name))->set_box_id(name);
  (void)store.take_touched();
  EXPECT_TRUE(store.erase(0, static_cast<const BoxFilled*>(store.find(0, name))->box_id()));
  EXPECT_EQ(store.touched(), std::set<PartStore::Name>({{0, name}}));
}

TEST_F(HarnessTest, RegistrationMistakesAreFoundAtOnce) {
  Service wrong_key("x");
  wrong_key.aggregate<BoxState>("plant", "plt").on<BoxOpened>([](BoxState&, const BoxOpened&, Step&) {
    return Verdict::applied();
  });
  EXPECT_THROW(Harness(std::move(wrong_key), kStart), std::logic_error);
  Service undeclared("x");
  undeclared.aggregate<BoxState>("box", "box").on<Alarm>([](BoxState&, const Alarm&, Step&) {
    return Verdict::applied();
  });
  EXPECT_THROW(Harness(std::move(undeclared), kStart), std::logic_error);
}

TEST_F(HarnessTest, ATimerThatNoHandlerTakesIsNotSet) {
  Service service("alpha");
  service.aggregate<BoxState>("box", "box")
      .command<FillRequest, FillResponse>(
          "Fill", [](const FillRequest& request, const Cause&) -> Result<std::string> { return request.box_id(); },
          [](BoxState&, const FillRequest&, Step& step) -> Result<FillResponse> {
            step.timer("bell", step.now(), Alarm());
            return FillResponse();
          });
  Harness harness(std::move(service), kStart);
  EXPECT_EQ(harness.execute<FillResponse>("Fill", fill("box_1", 3), {}).status().code(), Code::internal);
}

}  // namespace
}  // namespace loomline::eventing
