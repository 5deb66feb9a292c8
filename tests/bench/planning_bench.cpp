// How fast plans are made: a job shop of 20 machines in 5 classes, two shifts, operators and material; jobs of 10
// operations.
#include <benchmark/benchmark.h>

#include <random>

#include "loomline/planning/engine.hpp"

namespace loomline::planning {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kStart = parse_rfc3339("2026-11-23T00:00:00Z").value();

Plant plant() {
  Plant p;
  p.id = "plt_bench";
  p.calendar = "two-shift";
  p.calendars = {weekly("two-shift", "Asia/Shanghai", 1, 6, {{hours{6}, hours{14}}, {hours{14}, hours{22}}}),
                 weekly("day", "Asia/Shanghai", 1, 5, {{hours{8}, hours{12}}, {hours{13}, hours{17}}})};
  for (int c = 0; c < 5; ++c) {
    const auto name = "class-" + std::to_string(c);
    for (int m = 0; m < 4; ++m)
      p.machines.push_back({name + "-" + std::to_string(m), name, c == 4 ? "day" : "two-shift", 1, {}});
    p.crews.push_back({"crew-" + std::to_string(c), name, c == 4 ? "day" : "two-shift", 3});
  }
  for (int i = 0; i < 20; ++i) p.items.push_back({"item-" + std::to_string(i), 500, hours{120}, {}});
  return p;
}

Demand job(int n) {
  std::mt19937 random(static_cast<unsigned>(n));
  Demand d{"job-" + std::to_string(100000 + n), kStart, {}};
  for (int i = 0; i < 10; ++i) {
    Operation o;
    o.op_id = "op-" + std::to_string(i);
    if (i > 0) o.predecessors = {"op-" + std::to_string(i - 1)};
    o.equipment_class = o.operator_class = "class-" + std::to_string(random() % 5);
    o.operators = 1;
    o.setup = minutes{10};
    o.run = minutes{20 + random() % 200};
    o.interruptible = random() % 4 != 0;
    o.materials = {{"item-" + std::to_string(random() % 20), 1 + static_cast<int>(random() % 3)}};
    d.operations.push_back(std::move(o));
  }
  return d;
}

Plan filled(const Engine& engine, int jobs) {
  auto plan = Plan::make(plant()).value();
  for (int n = 0; n < jobs; ++n)
    if (!engine.place(plan, job(n), kStart).ok()) std::abort();
  return plan;
}

void BM_PlaceAll(benchmark::State& state) {
  const auto engine = make_forward_engine();
  for (auto _ : state) benchmark::DoNotOptimize(filled(*engine, static_cast<int>(state.range(0))));
}
BENCHMARK(BM_PlaceAll)->Arg(50)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);

void BM_Quote(benchmark::State& state) {
  const auto engine = make_forward_engine();
  const auto plan = filled(*engine, static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(engine->quote(plan, job(999999), kStart).ok());
}
BENCHMARK(BM_Quote)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);

void BM_RepairBreakdown(benchmark::State& state) {
  const auto engine = make_forward_engine();
  const auto plan = filled(*engine, static_cast<int>(state.range(0)));
  std::size_t changed = 0;
  for (auto _ : state) {
    auto copy = plan;
    (void)copy.set_down("class-0-0", {"d", {kStart + hours{4}, kStart + hours{40}}, "spindle"}).ok();
    changed = engine->repair(copy, kStart).size();
  }
  state.counters["jobs_changed"] = static_cast<double>(changed);
}
BENCHMARK(BM_RepairBreakdown)->Arg(200)->Arg(1000)->Unit(benchmark::kMillisecond);

void BM_Reload(benchmark::State& state) {
  const auto engine = make_forward_engine();
  const auto plan = filled(*engine, static_cast<int>(state.range(0)));
  const auto stored = plan.plant();
  const auto jobs = plan.jobs();
  for (auto _ : state) benchmark::DoNotOptimize(Plan::make(stored, jobs).ok());
}
BENCHMARK(BM_Reload)->Arg(200)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace loomline::planning
