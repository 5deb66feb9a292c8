// What a plan costs that has 100, 1,000 or 10,000 open jobs of ten operations: cost should follow what changes, never
// what is held. Two plants whose backlog of 10,000 jobs is more than a year long: in one machines are short, in the
// other operators. Prints the ratio of CPU time of 10,000 to 100 open jobs in the end.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <random>

#include "loomline/planning/engine.hpp"

namespace loomline::planning {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kStart = parse_rfc3339("2026-11-23T00:00:00Z").value();
const auto kEngine = make_forward_engine();

enum Short { machines, operators };

Plant plant(Short what) {
  Plant p;
  p.id = "plt_bench";
  p.calendar = "two-shift";
  p.calendars = {weekly("two-shift", "Asia/Shanghai", 1, 6, {{hours{6}, hours{14}}, {hours{14}, hours{22}}}),
                 weekly("day", "Europe/Berlin", 1, 5, {{hours{8}, hours{12}}, {hours{13}, hours{17}}})};
  for (int c = 0; c < 5; ++c) {
    const auto name = "class-" + std::to_string(c);
    const int count = (c == 4 ? 18 : 8) * (what == operators ? 3 : 2) / 2;
    for (int m = 0; m < count; ++m)
      p.machines.push_back({name + "-" + std::to_string(100 + m), name, c == 4 ? "day" : "two-shift", 1, {}});
    p.crews.push_back({"crew-" + std::to_string(c), name, c == 4 ? "day" : "two-shift", c == 4 ? 17 : 8});
  }
  for (int i = 0; i < 20; ++i) p.items.push_back({"item-" + std::to_string(i), 500, hours{120}, {}});
  return p;
}

Demand job(int n, Time earliest = kStart) {
  std::mt19937 random(static_cast<unsigned>(n));
  Demand d{"job-" + std::to_string(1000000 + n), earliest, {}};
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

// Made once for each size; benchmarks change copies.
const Plan& filled(Short what, int jobs) {
  static std::map<std::pair<Short, int>, Plan> plans;
  const auto it = plans.find({what, jobs});
  if (it != plans.end()) return it->second;
  auto plan = Plan::make(plant(what), {}, {}).value();
  for (int n = 0; n < jobs; ++n)
    if (!kEngine->place(plan, job(n), kStart).ok()) std::abort();
  (void)plan.take_unsaved();
  return plans.emplace(std::pair(what, jobs), std::move(plan)).first->second;
}

const Plan& filled(const benchmark::State& state) {
  return filled(static_cast<Short>(state.range(0)), static_cast<int>(state.range(1)));
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"short", "jobs"})->Unit(benchmark::kMicrosecond);
  for (const int what : {machines, operators})
    for (const int jobs : {100, 1000, 10000}) b->Args({what, jobs});
}

const std::vector<Demand>& new_jobs() {
  static const auto jobs = [] {
    std::vector<Demand> list;
    for (int n = 0; n < 1000; ++n) list.push_back(job(2000000 + n));
    return list;
  }();
  return jobs;
}

void BM_Snapshot(benchmark::State& state) {
  const Plan plan = filled(state);
  for (auto _ : state) {
    Plan copy(plan);
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(BM_Snapshot)->Apply(sizes);

void BM_Quote(benchmark::State& state) {
  const Plan plan = filled(state);
  const auto& jobs = new_jobs();
  std::size_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(kEngine->quote(plan, jobs[n++ % jobs.size()], kStart).ok());
}
BENCHMARK(BM_Quote)->Apply(sizes);

// A snapshot is taken before each: what the change shares with it must be copied.
void BM_Place(benchmark::State& state) {
  Plan plan = filled(state);
  const auto& jobs = new_jobs();
  std::size_t n = 0;
  for (auto _ : state) {
    const Plan snapshot(plan);
    benchmark::DoNotOptimize(kEngine->place(plan, jobs[n++ % jobs.size()], kStart).ok());
    state.PauseTiming();
    plan = snapshot;
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Place)->Apply(sizes);

void BM_RemoveFinished(benchmark::State& state) {
  Plan plan = filled(state);
  auto finished = *plan.find(job(0).job_id);
  finished.reservations.clear();
  for (auto& op : finished.operations) {
    op.state = OperationState::ended;
    op.work.clear();
  }
  if (!plan.put(finished).ok()) std::abort();
  const auto before = plan;
  for (auto _ : state) {
    plan.remove(finished.demand.job_id);
    state.PauseTiming();
    plan = before;
    state.ResumeTiming();
  }
}
BENCHMARK(BM_RemoveFinished)->Apply(sizes);

// The floor reports starts and ends as planned (or ends that are early); a finished job leaves, another is placed.
void report(benchmark::State& state, Duration early) {
  Plan plan = filled(state);
  const int jobs = static_cast<int>(state.range(1));
  int n = 3000000;
  std::multimap<Time, std::pair<std::string, std::string>> running;
  double moves = 0;
  for (auto _ : state) {
    state.PauseTiming();
    while (static_cast<int>(plan.size()) < jobs) (void)kEngine->place(plan, job(n++), kStart).ok();
    const auto next = plan.starting(Time::min(), kNever, 1);
    const bool ends = !running.empty() && running.begin()->first <= next.front().operation.start;
    const auto [job_id, op_id] = ends ? running.begin()->second : std::pair(next[0].job_id, next[0].operation.op_id);
    const auto now = ends ? running.begin()->first : next[0].operation.start;
    const auto machine = next[0].operation.machine;
    const Plan snapshot(plan);
    Budget budget;
    state.ResumeTiming();
    if (ends)
      (void)plan.report_end(job_id, op_id, now).ok();
    else
      (void)plan.report_start(job_id, op_id, machine, now).ok();
    auto moved = kEngine->repair(plan, now).size();
    moved += kEngine->pull_forward(plan, now, now + hours{72}, budget).size();
    state.PauseTiming();
    moves += static_cast<double>(moved);
    if (ends) running.erase(running.begin());
    const auto* found = plan.find(job_id);
    for (const auto& op : found->operations)
      if (!ends && op.op_id == op_id) running.emplace(std::max(op.start, op.finish - early), std::pair(job_id, op_id));
    bool over = true;
    for (const auto& op : found->operations) over = over && op.state == OperationState::ended;
    if (over) plan.remove(job_id);
    (void)plan.take_unsaved();
    state.ResumeTiming();
  }
  state.counters["jobs_moved"] = benchmark::Counter(moves, benchmark::Counter::kAvgIterations);
}
void BM_ReportOnTime(benchmark::State& state) { report(state, {}); }
void BM_ReportEarly(benchmark::State& state) { report(state, minutes{5}); }
BENCHMARK(BM_ReportOnTime)->Apply(sizes);
BENCHMARK(BM_ReportEarly)->Apply(sizes);

void BM_RepairNothing(benchmark::State& state) {
  Plan plan = filled(state);
  (void)kEngine->repair(plan, kStart);
  Budget budget;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kEngine->repair(plan, kStart).empty());
    benchmark::DoNotOptimize(kEngine->pull_forward(plan, kStart, kStart + hours{72}, budget).empty());
  }
}
BENCHMARK(BM_RepairNothing)->Apply(sizes);

void BM_RepairBreakdown(benchmark::State& state) {
  const Plan plan = filled(state);
  double moved = 0, finish = 0;
  for (auto _ : state) {
    auto copy = plan;
    (void)copy.set_down("class-0-100", {"d", {kStart + hours{4}, kStart + hours{40}}, "spindle"}).ok();
    for (const auto& change : kEngine->repair(copy, kStart)) moved += static_cast<double>(change.moves.size());
    finish += 1;
  }
  state.counters["moves"] = moved / finish;
}
BENCHMARK(BM_RepairBreakdown)->Apply(sizes);

void BM_Reload(benchmark::State& state) {
  const Plan& plan = filled(state);
  const auto stored = plan.plant();
  const auto jobs = plan.jobs();
  for (auto _ : state) benchmark::DoNotOptimize(Plan::make(stored, jobs, {}).ok());
}
BENCHMARK(BM_Reload)->Apply(sizes);

class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) cpu_[run.benchmark_name()] = run.GetAdjustedCPUTime();
    ConsoleReporter::ReportRuns(runs);
  }
  void Finalize() override {
    GetOutputStream() << "\nCPU of 10,000 open jobs : 100\n";
    for (const auto& [name, cpu] : cpu_) {
      const auto at = name.find("jobs:10000");
      if (at == std::string::npos) continue;
      const auto small = cpu_.find(name.substr(0, at) + "jobs:100");
      if (small != cpu_.end()) GetOutputStream() << name.substr(0, at - 1) << "  " << cpu / small->second << "\n";
    }
  }

 private:
  std::map<std::string, double> cpu_;
};

}  // namespace
}  // namespace loomline::planning

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  loomline::planning::Ratios ratios;
  benchmark::RunSpecifiedBenchmarks(&ratios);
}
