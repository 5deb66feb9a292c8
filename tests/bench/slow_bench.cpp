// Handlers that take long among many that do not: how long 1,000 good keys take with nobody slow, with one handler of
// 2.5 s, one of 30 s, and one that never ends; whether the slow key is named; how long it takes to stop. Each case is
// beside a case without a slow one in the same run. Needs LOOMLINE_POSTGRES and LOOMLINE_KAFKA; drops its databases.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "figure.hpp"
#include "loomline/base/id.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/postgres/connection.hpp"
#include "tests/boxes.hpp"

namespace {

using namespace loomline;                   // NOLINT: a program, not a header
using namespace loomline::eventing;         // NOLINT
using namespace loomline::eventing::boxes;  // NOLINT
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kKeys = 1000, kCallers = 8;

std::atomic<int> counted{0};

double since(Steady::time_point from) { return std::chrono::duration<double>(Steady::now() - from).count(); }

// Counts fills; "sleep-N" takes N ms, "endless" never ends.
Service slow_beta() {
  Service service("beta");
  service.aggregate<BoxState>("shadow", "box").on<BoxFilled>([](BoxState& state, const BoxFilled& event, Step&) {
    if (event.tag().starts_with("sleep-")) std::this_thread::sleep_for(milliseconds(std::stoi(event.tag().substr(6))));
    while (event.tag() == "endless") std::this_thread::sleep_for(milliseconds(100));
    state.set_total(state.total() + event.amount());
    if (event.tag() == "t") ++counted;
    return Verdict::applied();
  });
  return service;
}

std::unique_ptr<Runtime> start(Service service, const eventing::Options& options) {
  auto runtime = Runtime::start(std::move(service), options);
  if (!runtime.ok()) {
    std::fprintf(stderr, "%s\n", runtime.status().to_string().c_str());
    std::exit(1);
  }
  return std::move(runtime).value();
}

void fill(Runtime& says, const std::string& box, const std::string& tag) {
  FillRequest request;
  request.set_box_id(box);
  request.set_amount(1);
  request.set_tag(tag);
  if (!says.execute<FillResponse>("Fill", request, {}).ok()) {
    std::fprintf(stderr, "a command failed\n");
    std::exit(1);
  }
}

bool done(Runtime& hears, const std::string& round) {
  for (int key = 0; key < kKeys; ++key) {
    BoxState state;
    const auto known = hears.reader().get("main", "shadow", "box_" + round + std::to_string(key), state);
    if (!known.ok() || !*known || state.total() != 1) return false;
  }
  return true;
}

// From the slow key's command to the last of the good keys'.
double round(Runtime& says, Runtime& hears, const std::string& name, const std::string& slow) {
  counted = 0;
  const auto began = Steady::now();
  if (!slow.empty()) fill(says, "box_slow" + name, slow);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller)
    callers.emplace_back([&, caller] {
      for (int key = caller; key < kKeys; key += kCallers) fill(says, "box_" + name + std::to_string(key), "t");
    });
  for (auto& caller : callers) caller.join();
  while (counted < kKeys || !done(hears, name)) std::this_thread::sleep_for(milliseconds(2));
  return since(began);
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
  options.endless_handler = milliseconds(35'000);
  auto says = start(alpha(), options);
  auto hears = start(slow_beta(), options);
  while (!says->ready() || !hears->ready()) std::this_thread::sleep_for(milliseconds(5));
  (void)round(*says, *hears, "warm", "");
  for (const auto& [name, tag] :
       {std::pair("a", "sleep-2500"), std::pair("b", "sleep-30000"), std::pair("c", "endless")}) {
    const double alone = round(*says, *hears, std::string(name) + "0-", "");
    const double beside = round(*says, *hears, std::string(name) + "1-", tag);
    const auto slow = hears->activity()->slow_keys_size();
    std::printf("%d good keys beside a handler that %-10s %.2f s, without it %.2f s: %.2f times; slow keys named: %d\n",
                kKeys, tag, beside, alone, beside / alone, slow);
    loomline::bench::print({std::string("slow.") + tag, beside, "s for " + std::to_string(kKeys) + " good keys beside it",
                            "without it: " + loomline::bench::digits(alone), beside / alone});
    std::fflush(stdout);
  }
  const auto until = Steady::now() + std::chrono::seconds(60);
  while (hears->activity()->dead_letters() == 0 && Steady::now() < until) std::this_thread::sleep_for(milliseconds(50));
  const auto letters = hears->dead_letters(false);
  std::printf("the endless one is parked: %s\n",
              letters.ok() && letters->dead_letters_size() > 0 ? letters->dead_letters(0).reason().c_str() : "NO");
  const auto stopping = Steady::now();
  hears->stop();
  std::printf("stopped in %.1f s, %d thread(s) left behind\n", since(stopping), hears->lost_threads());
  says->stop();
  std::fflush(stdout);
  postgres::Options admin;
  admin.conninfo = postgres;
  postgres::Connection connection(admin);
  for (const char* service : {"alpha", "beta"})
    connection.exec_script("DROP DATABASE " + options.installation + service + " WITH (FORCE)");
  _exit(0);  // a thread is still in its handler
}
