// A plan that lives in memory and one that was stored and read again go the same way; snapshots stay as they were.
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "plan_check.hpp"
#include "printing.hpp"
#include "random_facts.hpp"

namespace loomline::planning {
namespace {

std::vector<std::string> describe(const std::vector<Freed>& list) {
  const auto when = [](Time t) { return t == kNever ? "never" : t == Time::min() ? "ever" : format_rfc3339(t); };
  std::vector<std::string> text;
  for (const auto& f : list)
    text.push_back(std::to_string(static_cast<int>(f.kind)) + " " + f.id + " " + f.op_id + " " + when(f.from) + ".." +
                   when(f.to) + " looked " + when(f.looked));
  return text;
}

// The floor may take what the books do not have: then the balance is below zero whatever the plan does.
std::vector<std::string> broken(const Plan& plan) {
  auto rules = broken_rules(plan);
  for (const auto& item : plan.plant().items)
    if (item.on_hand < 0)
      std::erase_if(rules, [&](const std::string& rule) { return rule.starts_with("item " + item.id + " is short"); });
  return rules;
}

// Every plan of these goes through the same facts and decisions, and must say the same.
void expect_same(const Plan& a, const Plan& b) {
  ASSERT_EQ(a.jobs(), b.jobs());
  ASSERT_EQ(a.plant(), b.plant());
  ASSERT_EQ(describe(a.freed()), describe(b.freed()));
}

class Resident : public ::testing::TestWithParam<unsigned> {};

TEST_P(Resident, GoesTheWayOfAPlanThatWasStoredAndReadAgain) {
  const auto engine = make_forward_engine();
  RandomPlans random(GetParam());
  auto plan = Plan::make(random.plant(kMonday)).value();
  auto now = kMonday;
  RandomFacts facts(GetParam() + 5000);
  for (int n = 0; n < 12; ++n) facts.happen(plan, *engine, now);
  auto twin = Plan::make(plan.plant(), plan.jobs(), plan.freed()).value();
  auto twin_facts = facts;
  for (int step = 0; step < 60; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    now += minutes{random.below(400)};
    for (int k = random.below(3); k >= 0; --k) {
      facts.happen(plan, *engine, now);
      twin_facts.happen(twin, *engine, now);
      if (random.one_in(6)) twin = Plan::make(twin.plant(), twin.jobs(), twin.freed()).value();  // before its repair
    }
    const auto reported = now - minutes{random.one_in(3) ? random.below(200) : 0};
    ASSERT_EQ(engine->repair(plan, now, reported), engine->repair(twin, now, reported));
    expect_same(plan, twin);
    if (random.one_in(5)) twin = Plan::make(twin.plant(), twin.jobs(), twin.freed()).value();
    ASSERT_EQ(engine->repair(plan, now, reported), std::vector<Change>{});
    Budget one{static_cast<std::size_t>(random.below(30)), false, static_cast<std::size_t>(random.below(9))};
    Budget other = one;
    const auto until = now + hours{random.one_in(3) ? 2000 : 72};
    ASSERT_EQ(engine->pull_forward(plan, now, until, one), engine->pull_forward(twin, now, until, other));
    ASSERT_EQ(one.more, other.more);
    expect_same(plan, twin);
    ASSERT_EQ(broken(plan), std::vector<std::string>{});
    if (random.one_in(3)) twin = Plan::make(twin.plant(), twin.jobs(), twin.freed()).value();
    if (HasFatalFailure()) return;
  }
}

// A repair leaves nothing that only a plan which was read again would see.
TEST_P(Resident, FindsItselfTrueWhenItIsReadAgain) {
  const auto engine = make_forward_engine();
  RandomPlans random(GetParam());
  auto plan = Plan::make(random.plant(kMonday)).value();
  RandomFacts facts(GetParam() + 5000);
  auto now = kMonday;
  for (int step = 0; step < 40; ++step) {
    now += minutes{random.below(400)};
    for (int k = random.below(4); k >= 0; --k) facts.happen(plan, *engine, now);
    const auto reported = now - minutes{random.one_in(3) ? random.below(200) : 0};
    (void)engine->repair(plan, now, reported);
    auto again = Plan::make(plan.plant(), plan.jobs(), plan.freed()).value();
    ASSERT_EQ(engine->repair(again, now, reported), std::vector<Change>{}) << "step " << step;
    expect_same(plan, again);
    (void)engine->pull_forward(plan, now, now + hours{72});
  }
}

// What differs from the stored form is what take_unsaved says: a store that follows it has everything.
TEST_P(Resident, SaysWhatIsToBeStored) {
  const auto engine = make_forward_engine();
  RandomPlans random(GetParam());
  auto plan = Plan::make(random.plant(kMonday)).value();
  RandomFacts facts(GetParam() + 9000);
  std::map<std::string, Job> jobs;
  std::map<std::string, std::pair<std::int64_t, std::map<std::string, Inbound>>> stock;
  std::map<std::string, Machine> machines;
  for (const auto& item : plan.plant().items) {
    stock[item.id].first = item.on_hand;
    for (const auto& in : item.inbound) stock[item.id].second[in.id] = in;
  }
  for (const auto& machine : plan.plant().machines) machines[machine.id] = machine;
  auto now = kMonday;
  for (int step = 0; step < 60; ++step) {
    now += minutes{random.below(300)};
    facts.happen(plan, *engine, now);
    (void)engine->repair(plan, now);
    (void)engine->pull_forward(plan, now, now + hours{72});
    const auto unsaved = plan.take_unsaved();
    for (const auto& id : unsaved.jobs)
      if (const auto* job = plan.find(id))
        jobs[id] = *job;
      else
        jobs.erase(id);
    for (const auto& id : unsaved.items) stock[id].first = plan.find_item(id)->on_hand;
    for (const auto& [item, id] : unsaved.inbound)
      if (const auto in = plan.find_inbound(item, id))
        stock[item].second[id] = *in;
      else
        stock[item].second.erase(id);
    for (const auto& id : unsaved.machines) machines[id] = *plan.find_machine(id);
    std::map<std::string, Job> expected;
    for (const auto& job : plan.jobs()) expected[job.demand.job_id] = job;
    ASSERT_EQ(jobs, expected) << "step " << step;
    for (const auto& item : plan.plant().items) {
      ASSERT_EQ(stock[item.id].first, item.on_hand);
      std::vector<Inbound> inbound;
      for (const auto& [id, in] : stock[item.id].second) inbound.push_back(in);
      ASSERT_EQ(inbound, item.inbound);
    }
    for (const auto& machine : plan.plant().machines) ASSERT_EQ(machines[machine.id], machine);
    ASSERT_EQ(plan.take_unsaved(), Unsaved{});
  }
}

// Another process changed some jobs: put() brings them in, and the plan goes on as one that was read as a whole.
TEST_P(Resident, TakesInWhatAnotherProcessStored) {
  const auto engine = make_forward_engine();
  RandomPlans random(GetParam());
  auto plan = Plan::make(random.plant(kMonday), {}, {}).value();
  RandomFacts facts(GetParam() + 7000);
  for (int n = 0; n < 20; ++n) facts.happen(plan, *engine, kMonday);
  (void)engine->repair(plan, kMonday);
  auto other = Plan::make(plan.plant(), plan.jobs(), plan.freed()).value();
  auto now = kMonday + hours{9};
  for (int n = 0; n < 6; ++n) facts.happen(other, *engine, now);
  for (const auto& machine : other.plant().machines)
    for (const auto& down : machine.downs) ASSERT_TRUE(plan.set_down(machine.id, down).ok());
  auto unsaved = other.take_unsaved();
  const auto take_in = [&](const Unsaved& changed) {
    for (const auto& id : changed.items) ASSERT_TRUE(plan.put_on_hand(id, *other.on_hand(id)).ok());
    for (const auto& [item, id] : changed.inbound)
      ASSERT_TRUE(plan.put_inbound(item, id, other.find_inbound(item, id)).ok());
  };
  take_in(unsaved);
  for (const auto& id : unsaved.jobs)
    if (const auto* job = other.find(id))
      ASSERT_TRUE(plan.put(*job).ok());
    else
      plan.remove(id);
  auto mine = plan.take_unsaved();
  take_in(mine);  // purchases went with jobs
  ASSERT_EQ(plan.plant().items, other.plant().items);
  auto whole = plan;
  whole.set_freed(other.freed());
  // Only what is known to differ: what the other stored, and what taking it in set free here.
  const auto freed = other.freed();
  auto touched = std::move(mine.freed);
  touched.insert(touched.end(), unsaved.freed.begin(), unsaved.freed.end());
  for (auto one : touched) {
    const auto same = [&](const Freed& f) {
      return f.kind == one.kind && f.id == one.id && f.op_id == one.op_id && f.from == one.from;
    };
    const auto stored = std::find_if(freed.begin(), freed.end(), same);
    if (stored == freed.end()) one.to = one.from;
    plan.put_freed(stored == freed.end() ? one : *stored);
  }
  ASSERT_EQ(plan.freed(), whole.freed());
  ASSERT_EQ(plan.take_unsaved().freed, std::vector<Freed>());
  if (plan.plant() != other.plant()) return;  // a down was taken back
  expect_same(plan, other);
  ASSERT_EQ(engine->repair(plan, now), engine->repair(other, now));
  ASSERT_EQ(engine->pull_forward(plan, now, now + hours{72}), engine->pull_forward(other, now, now + hours{72}));
  expect_same(plan, other);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Resident, ::testing::Range(0U, 100U));
// Found among 2,000. What runs was looked at in another order by a plan that was read again, so that others were said
// to be the reason; or it came to work where it was to rest, and nobody made room.
INSTANTIATE_TEST_SUITE_P(Extended, Resident,
                         ::testing::Values(195, 302, 362, 431, 534, 604, 610, 644, 672, 676, 720, 841, 899, 1058, 1096,
                                           1117, 1132, 1216, 1245, 1289, 1337, 1391, 1482, 1573, 1619, 1706, 1710, 1729,
                                           1758, 1869, 1941, 1978));
// A repair left something for the next one, or tried in vain what the other plan did not try, and others met that.
INSTANTIATE_TEST_SUITE_P(Unfinished, Resident,
                         ::testing::Values(85, 346, 511, 540, 626, 743, 819, 823, 888, 926, 995, 1185, 1213, 1540, 1692,
                                           1750));
// How much is left of what came free was asked of an index that only the plan in memory kept.
INSTANTIATE_TEST_SUITE_P(UsedUp, Resident, ::testing::Values(1722));

TEST(Snapshot, StaysAsItWasWhileThePlanGoesOn) {
  const auto engine = make_forward_engine();
  RandomPlans random(3);
  auto plan = Plan::make(random.plant(kMonday)).value();
  RandomFacts facts(3);
  std::vector<std::thread> readers;
  auto now = kMonday;
  for (int step = 0; step < 30; ++step, now += minutes{100}) {
    facts.happen(plan, *engine, now);
    (void)engine->repair(plan, now);
    readers.emplace_back([snapshot = plan, jobs = plan.jobs(), demand = random.job(900, now), now, &engine] {
      const auto first = engine->quote(snapshot, demand, now);
      ASSERT_EQ(snapshot.jobs(), jobs);
      const auto second = engine->quote(snapshot, demand, now);
      ASSERT_EQ(first.ok(), second.ok());
      if (first.ok()) {
        ASSERT_EQ(*first, *second);
      }
    });
  }
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace loomline::planning
