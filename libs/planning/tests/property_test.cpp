// What holds for every plan, by seed: placements and repairs after random disruptions keep every rule, and tiny cases
// are as good as exhaustive search over time.
#include <gtest/gtest.h>

#include <random>

#include "fixtures.hpp"
#include "plan_check.hpp"

namespace loomline::planning {
namespace {

class Seeded {
 public:
  explicit Seeded(unsigned seed) : random_(seed), allowance_(seed % 3 == 0 ? 50 : 0) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  Plant plant() {
    auto p = small_plant();
    p.calendars.push_back(weekly("late", "Europe/Berlin", 1, 6, {{hours{14}, hours{22}}}));
    p.machines.push_back({"mill-3", "mill", "late", 1, {}});
    p.machines[2].capacity = 1 + below(3);
    p.machines[0].downs = {{"planned", {kMonday + hours{30}, kMonday + hours{40}}, "service"}};
    p.crews.push_back({"late fitters", "fitter", "late", 1 + below(3)});
    p.items[0].inbound.push_back({"in-2", 400, kMonday + hours{24 * 9}, false});
    p.items[0].on_hand = below(30);
    p.allowance_permille = allowance_;
    return p;
  }

  Demand job(int n) {
    Demand d;
    d.job_id = "job-" + std::to_string(1000 + n);
    d.earliest = kMonday + minutes{below(3000)};
    const int size = 1 + below(6);
    for (int i = 0; i < size; ++i) d.operations.push_back(operation(i));
    return d;
  }

  Operation operation(int i) {
    Operation o;
    o.op_id = "op-" + std::to_string(10 + i);
    for (int k = 0; k < i; ++k)
      if (below(3) == 0) o.predecessors.push_back("op-" + std::to_string(10 + k));
    const int kind = below(5);
    o.equipment_class = kind == 0 ? "" : kind == 1 ? "oven" : "mill";
    o.setup = minutes{below(30)};
    o.run = minutes{below(7) == 0 ? 0 : below(400)};
    if (below(8) == 0 && o.run == Duration{}) o.setup = Duration{};
    o.interruptible = below(3) != 0;
    o.lag = minutes{below(4) == 0 ? below(300) : 0};
    if (below(2) == 0) {
      o.operator_class = "fitter";
      o.operators = 1 + below(2);
    }
    if (below(3) == 0) o.materials.push_back({"blank", 1 + below(4)});
    if (below(4) == 0) o.materials.push_back({"bolt", 1 + below(9)});
    return o;
  }

 private:
  std::mt19937 random_;
  int allowance_;
};

std::vector<std::string> none() { return {}; }

std::string describe(const std::vector<Change>& changes) {
  std::string text;
  const auto when = [](Time t) { return t == kNever ? std::string("never") : format_rfc3339(t); };
  for (const auto& change : changes)
    for (const auto& m : change.moves)
      text += change.job_id + "/" + m.op_id + " " + m.from_machine + " " + when(m.old_start) + ".." +
              when(m.old_finish) + " -> " + m.to_machine + " " + when(m.start) + ".." + when(m.finish) + " " +
              std::string(name(m.why.cause)) + " " + m.why.reference + "\n";
  return text;
}

class Property : public ::testing::TestWithParam<unsigned> {};

TEST_P(Property, PlacementsKeepTheRulesAndQuotesTellTheTruth) {
  Seeded random(GetParam());
  auto plan = Plan::make(random.plant()).value();
  const auto engine = make_forward_engine();
  for (int n = 0; n < 25; ++n) {
    const auto d = random.job(n);
    const auto before_plant = plan.plant();
    const auto before_jobs = plan.jobs();
    const auto quoted = engine->quote(plan, d, kMonday);
    ASSERT_EQ(plan.plant(), before_plant);
    ASSERT_EQ(plan.jobs(), before_jobs);
    const auto placed = engine->place(plan, d, kMonday);
    ASSERT_EQ(quoted.ok(), placed.ok());
    if (!placed.ok()) continue;
    ASSERT_EQ(*quoted, *placed);
    if (random.below(4) == 0) {  // taking it out again restores the plan
      ASSERT_TRUE(plan.remove(d.job_id));
      ASSERT_EQ(plan.plant(), before_plant);
      ASSERT_EQ(plan.jobs(), before_jobs);
      ASSERT_EQ(*engine->place(plan, d, kMonday), *placed);
    }
  }
  ASSERT_EQ(broken_rules(plan), none());
  ASSERT_EQ(describe(engine->repair(plan, kMonday)), "");
  // Stored and read again it is the same plan, and goes on the same way.
  auto again = Plan::make(plan.plant(), plan.jobs()).value();
  ASSERT_EQ(again.jobs(), plan.jobs());
  const auto next = random.job(99);
  const auto a = engine->place(plan, next, kMonday), b = engine->place(again, next, kMonday);
  ASSERT_EQ(a.ok(), b.ok());
  if (a.ok()) {
    ASSERT_EQ(*a, *b);
  }
}

void disrupt(Plan& plan, Seeded& random, Time now) {
  const auto jobs = plan.jobs();
  const auto& job = jobs[static_cast<std::size_t>(random.below(static_cast<int>(jobs.size())))];
  const auto& id = job.demand.job_id;
  switch (random.below(6)) {
    case 0: {
      const char* machines[] = {"mill-1", "mill-2", "mill-3", "oven"};
      const auto from = now + hours{random.below(20)};
      ASSERT_TRUE(plan.set_down(machines[random.below(4)],
                                {"d" + std::to_string(random.below(5)), {from, from + hours{1 + random.below(60)}}, ""})
                      .ok());
      break;
    }
    case 1:
      ASSERT_TRUE(plan.set_inbound("blank", {"in-2", 400, now + hours{random.below(400)}, false}).ok());
      break;
    case 2:
      ASSERT_TRUE(plan.insert_operations(id,
                                         {op("rework-" + std::to_string(now.time_since_epoch().count()) +
                                                 std::to_string(random.below(1000000)),
                                             "mill", minutes{random.below(200)})},
                                         {job.operations.back().op_id})
                      .ok());
      break;
    case 3:
      plan.remove_unstarted(id);
      break;
    default:
      for (const auto& o : job.operations) {
        if (o.state == OperationState::planned && o.start <= now) {
          ASSERT_TRUE(plan.report_start(id, o.op_id, o.machine, o.start).ok());
        } else if (o.state == OperationState::running && random.below(2) == 0) {
          ASSERT_TRUE(plan.report_end(id, o.op_id, std::max(o.start, now - minutes{random.below(60)})).ok());
        }
      }
  }
}

TEST_P(Property, RepairKeepsTheRulesMovesNothingForwardAndIsDoneOnce) {
  Seeded random(GetParam() + 1000);
  auto plan = Plan::make(random.plant()).value();
  const auto engine = make_forward_engine();
  for (int n = 0; n < 25; ++n) (void)engine->place(plan, random.job(n), kMonday).ok();
  auto now = kMonday;
  for (int step = 0; step < 25 && !plan.jobs().empty(); ++step) {
    now += minutes{random.below(600)};
    disrupt(plan, random, now);
    if (plan.jobs().empty()) break;
    const auto before = plan.jobs();
    const auto changes = engine->repair(plan, now);
    ASSERT_EQ(broken_rules(plan), none()) << "step " << step;
    ASSERT_EQ(describe(engine->repair(plan, now)), "") << "step " << step;
    std::size_t changed = 0;
    for (const auto& job : before) {
      const auto& after = *plan.find(job.demand.job_id);
      changed += after.operations != job.operations ? 1 : 0;
      for (std::size_t i = 0; i < job.operations.size(); ++i) {
        const auto& a = job.operations[i];
        const auto& b = after.operations[i];
        if (a.state == OperationState::ended) {
          ASSERT_EQ(a, b);
        }
        if (a.state == OperationState::running) {
          ASSERT_EQ(a.start, b.start);
        }
        if (a.state == OperationState::planned) {
          ASSERT_GE(b.start, a.start) << job.demand.job_id << a.op_id;
        }
        if (b.state == OperationState::planned) {
          ASSERT_GE(b.start, now);
        }
      }
    }
    ASSERT_LE(changes.size(), changed);
    for (const auto& change : changes) ASSERT_NE(change.why.cause, Cause::none);
    const auto repaired = plan.jobs();
    for (const auto& change : engine->pull_forward(plan, now, now + hours{72}))
      ASSERT_LE(change.finish, change.old_finish);
    ASSERT_EQ(broken_rules(plan), none()) << "pulled at step " << step;
    for (const auto& job : repaired)
      for (std::size_t i = 0; i < job.operations.size(); ++i)
        ASSERT_LE(plan.find(job.demand.job_id)->operations[i].finish, job.operations[i].finish);
    ASSERT_EQ(describe(engine->repair(plan, now)), "") << "pulled at step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Property, ::testing::Range(0U, 30U));

// Every start on a grid of minutes on every machine, judged by the independent checker: none finishes earlier.
TEST(BruteForce, NoOtherStartFinishesEarlier) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    Seeded random(seed);
    auto plant = random.plant();
    plant.allowance_permille = 0;
    auto plan = Plan::make(plant).value();
    const auto engine = make_forward_engine();
    for (int n = 0; n < 4; ++n) (void)engine->place(plan, random.job(n), kMonday).ok();
    auto o = random.operation(0);
    o.equipment_class = "mill";
    o.run = minutes{10 + 10 * random.below(20)};
    o.setup = o.lag = Duration{};
    o.interruptible = false;  // the brute force knows one stretch only
    o.materials.clear();
    const auto placed = engine->place(plan, demand("x", {o}), kMonday).value();
    for (auto t = kMonday; t + o.run < placed.finish(); t += minutes{13})
      for (const char* machine : {"mill-1", "mill-2", "mill-3"}) {
        auto jobs = plan.jobs();
        jobs.back().operations[0] = {o.op_id, OperationState::planned, machine, t, t + o.run, {{t, t + o.run}}, {}};
        ASSERT_FALSE(broken_rules(Plan::make(plan.plant(), jobs).value()).empty())
            << "seed " << seed << " " << machine << " " << format_rfc3339(t);
      }
  }
}

}  // namespace
}  // namespace loomline::planning
