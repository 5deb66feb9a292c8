// What an event costs the kernel: CPU (this process and the database's backends apart), throughput, and how long one
// command takes to travel through two services and back to rest. Needs LOOMLINE_POSTGRES and LOOMLINE_KAFKA; drops
// its databases, and leaves small topics named bench_... on the broker.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

#include "figure.hpp"
#include "floor.hpp"
#include "loomline/base/id.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/postgres/connection.hpp"
#include "own_cpu.hpp"
#include "tests/boxes.hpp"

namespace {

using namespace loomline;                   // NOLINT: a program, not a header
using namespace loomline::eventing;         // NOLINT
using namespace loomline::eventing::boxes;  // NOLINT
using Steady = std::chrono::steady_clock;

using bench::cpu_seconds;

double since(Steady::time_point from) { return std::chrono::duration<double>(Steady::now() - from).count(); }

FillRequest fill(int box) {
  FillRequest request;
  request.set_box_id("box_" + std::to_string(box));
  request.set_amount(1);
  request.set_tag("t");
  return request;
}

bool idle(const std::vector<Runtime*>& runtimes) {
  std::map<std::pair<std::string, int>, std::int64_t> produced;
  std::vector<common::v1::GetActivityResponse> all;
  for (auto* runtime : runtimes) all.push_back(runtime->activity().value());
  for (const auto& one : all) {
    if (one.outbox_pending() + one.timers_due() + one.commands_running() > 0) return false;
    for (const auto& place : one.produced()) produced[{place.topic(), place.partition()}] = place.offset();
  }
  for (const auto& one : all) {
    for (const auto& place : one.consumed()) {
      const auto end = produced.find({place.topic(), place.partition()});
      if (end != produced.end() && place.offset() < end->second) return false;
    }
  }
  return true;
}

void wait_idle(const std::vector<Runtime*>& runtimes) {
  while (!idle(runtimes) || !idle(runtimes)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::unique_ptr<Runtime> start(Service service, const eventing::Options& options) {
  auto runtime = Runtime::start(std::move(service), options);
  if (!runtime.ok()) {
    std::fprintf(stderr, "%s\n", runtime.status().to_string().c_str());
    std::exit(1);
  }
  return std::move(runtime).value();
}

}  // namespace

int main() {
  const char* postgres = std::getenv("LOOMLINE_POSTGRES");
  const char* kafka = std::getenv("LOOMLINE_KAFKA");
  if (postgres == nullptr || kafka == nullptr) {
    std::fprintf(stderr, "set LOOMLINE_POSTGRES and LOOMLINE_KAFKA\n");
    return 2;
  }
  eventing::testing::use_catalog(kCatalog);
  eventing::Options options;
  options.postgres = postgres;
  options.kafka = kafka;
  options.installation = "bench_" + random_hex128().substr(0, 8) + "_";
  options.partitions = 6;
  auto from = start(alpha(), options);
  auto to = start(beta(), options);
  const std::vector<Runtime*> both{from.get(), to.get()};
  while (!from->ready() || !to->ready()) std::this_thread::sleep_for(std::chrono::milliseconds(5));

  for (int i = 0; i < 20; ++i) (void)from->execute<FillResponse>("Fill", fill(0), {});
  wait_idle(both);
  constexpr int kTrips = 200;
  auto began = Steady::now();
  double command = 0;
  for (int i = 0; i < kTrips; ++i) {
    const auto at = Steady::now();
    (void)from->execute<FillResponse>("Fill", fill(i % 7), {});
    command += since(at);
    wait_idle(both);
  }
  const double command_ms = 1e3 * command / kTrips;
  const double trip_ms = 1e3 * since(began) / kTrips;

  // What one that comes alone costs, as in a plant where one thing happens after the other. What the threads cost that
  // have nothing to do is taken off.
  constexpr std::chrono::milliseconds kPause{25};
  double cpu = cpu_seconds();
  began = Steady::now();
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const double idle_cpu = (cpu_seconds() - cpu) / since(began);
  cpu = cpu_seconds();
  began = Steady::now();
  for (int i = 0; i < kTrips; ++i) {
    (void)from->execute<FillResponse>("Fill", fill(i % 7), {});
    std::this_thread::sleep_for(kPause);
  }
  const double lone_cpu_ms = 1e3 * (cpu_seconds() - cpu - idle_cpu * since(began)) / kTrips;
  wait_idle(both);

  const auto floor = bench::measure_floor(postgres, kafka, options.installation + "floor", kTrips, kPause);
  const double floor_trip = 3 * floor.commit_ms + 2 * floor.hop_ms;  // the command, the event, and the answer to it
  std::printf("floor: a bare commit %.2f ms, a bare hop over the broker %.2f ms\n", floor.commit_ms, floor.hop_ms);
  std::printf("one command: %.2f ms, %.2f times a bare commit\n", command_ms, command_ms / floor.commit_ms);
  std::printf("two hops and back to rest: %.2f ms, %.2f times three commits and two hops (%.2f ms)\n", trip_ms,
              trip_ms / floor_trip, floor_trip);

  bench::print({"kernel.command", command_ms, "ms a command", "a bare commit: " + bench::digits(floor.commit_ms),
                command_ms / floor.commit_ms});
  bench::print({"kernel.two_hops", trip_ms, "ms a command, two hops and back to rest",
                "three commits and two hops, bare: " + bench::digits(floor_trip), trip_ms / floor_trip});

  const double floor_cpu = 3 * floor.lone_commit_cpu_ms + 2 * floor.lone_hop_cpu_ms;
  std::printf("alone, %lld ms between: %.2f ms of CPU, %.2f times three commits and two hops (%.2f ms: %.2f and %.2f"
              " each); at rest %.1f ms a second\n",
              static_cast<long long>(kPause.count()), lone_cpu_ms, lone_cpu_ms / floor_cpu, floor_cpu,
              floor.lone_commit_cpu_ms, floor.lone_hop_cpu_ms, 1e3 * idle_cpu);
  bench::print({"kernel.lone_cpu", lone_cpu_ms, "ms of CPU a command and two hops that come alone",
                "three commits and two hops, bare: " + bench::digits(floor_cpu), lone_cpu_ms / floor_cpu});

  constexpr int kCallers = 16, kEach = 500;
  const auto steps = [&] { return from->activity()->steps_applied() + to->activity()->steps_applied(); };
  const auto steps_before = steps();
  cpu = cpu_seconds();
  began = Steady::now();
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < kEach; ++i) (void)from->execute<FillResponse>("Fill", fill(caller * 100 + i % 100), {});
    });
  }
  for (auto& caller : callers) caller.join();
  const double commands = since(began);
  wait_idle(both);
  const double wall = since(began);
  const auto done = static_cast<double>(steps() - steps_before);
  std::printf("%d commands in %.2f s; %.0f steps in %.2f s: %.0f a second, %.1f us of this process' CPU a step\n",
              kCallers * kEach, commands, done, wall, done / wall, 1e6 * (cpu_seconds() - cpu) / done);
  bench::print({"kernel.steps", done / wall, "steps/s, 16 callers and what follows", ""});
  from.reset();
  to.reset();
  loomline::postgres::Options admin;
  admin.conninfo = postgres;
  loomline::postgres::Connection connection(admin);
  for (const char* service : {"alpha", "beta"}) {
    connection.exec_script("DROP DATABASE " + options.installation + service + " WITH (FORCE)");
  }
  return 0;
}
