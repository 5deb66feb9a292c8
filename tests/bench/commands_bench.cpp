// Acknowledged commands a second of one kernel service with 1, 16 and 256 callers, beside pgbench with as many clients that
// writes the same rows: state, idempotency, outbox, chain. pgbench publishes nothing; the kernel does, meanwhile.
//
// The middle of three rounds counts: in the first, what was filled in is still being published and vacuumed.
//
//   commands_bench [--seconds 4] [--rounds 3] [--boxes 10000]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "figure.hpp"
#include "installation.hpp"
#include "ledger.hpp"
#include "own_cpu.hpp"
#include "pgbench.hpp"

namespace {

using namespace loomline;  // NOLINT: a program, not a header
using Steady = std::chrono::steady_clock;

struct Given {
  int seconds = 4, rounds = 3, boxes = 10'000;
};

class Callers {
 public:
  Callers(eventing::Runtime& runtime, int boxes) : runtime_(runtime), boxes_(boxes) {}

  // Fills every box once: rows to update, and residents.
  void fill_all() {
    std::atomic<int> next{0};
    run(16, [&](std::mt19937&, std::string& key) {
      const int box = next++;
      if (box < boxes_) fill(box, key);
      return box < boxes_;
    });
  }

  // Acknowledged commands a second, after half a second that does not count.
  double rate(int callers, int seconds) {
    acknowledged_ = 0;
    std::atomic<bool> over{false};
    double counted = 0;
    std::thread clock([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      const auto before = acknowledged_.load();
      const auto began = Steady::now();
      std::this_thread::sleep_for(std::chrono::seconds(seconds));
      counted = static_cast<double>(acknowledged_ - before) /
                std::chrono::duration<double>(Steady::now() - began).count();
      over = true;
    });
    run(callers, [&](std::mt19937& random, std::string& key) {
      fill(static_cast<int>(random() % static_cast<unsigned>(boxes_)), key);
      return !over.load();
    });
    clock.join();
    if (failed_ > 0) throw std::runtime_error(std::to_string(failed_) + " commands failed: " + why_);
    return counted;
  }

 private:
  template <class Body>
  void run(int callers, const Body& body) {
    std::vector<std::thread> threads;
    for (int caller = 0; caller < callers; ++caller) {
      threads.emplace_back([&, caller] {
        std::mt19937 random(static_cast<unsigned>(caller));
        const auto prefix = std::to_string(round_) + "-" + std::to_string(caller) + "-";
        for (int i = 0;; ++i) {
          // As long as a uuid, which is what callers send.
          auto key = prefix + std::to_string(i);
          key.resize(36, 'k');
          if (!body(random, key)) return;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    ++round_;
  }

  void fill(int box, const std::string& key) {
    bench::FillRequest request;
    request.set_box_id(bench::box_name(box));
    request.set_amount(1);
    request.set_tag(bench::tag_of(box));
    const auto answer = runtime_.execute<bench::FillResponse>("Fill", request, {.idempotency_key = key});
    if (answer.ok()) {
      ++acknowledged_;
    } else if (failed_++ == 0) {
      why_ = answer.status().to_string();
    }
  }

  eventing::Runtime& runtime_;
  int boxes_, round_ = 0;
  std::atomic<std::int64_t> acknowledged_{0};
  std::atomic<int> failed_{0};
  std::string why_;
};

Given read(int argc, char** argv) {
  Given given;
  for (int i = 1; i + 1 < argc; i += 2) {
    const int value = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--seconds") == 0) given.seconds = value;
    if (std::strcmp(argv[i], "--rounds") == 0) given.rounds = value;
    if (std::strcmp(argv[i], "--boxes") == 0) given.boxes = value;
  }
  return given;
}

struct Rates {
  std::vector<double> kernel, cpu, statements, one_statement, no_chain, ratio, ratio_to_one, ratio_to_no_chain;
};

// pgbench works on a database of its own, made as the kernel's was, while the kernel rests.
void measure(const Given& given, Callers& callers, const bench::Pgbench& pgbench, int count, Rates& out) {
  const double cpu = bench::cpu_seconds();
  const auto began = Steady::now();
  out.kernel.push_back(callers.rate(count, given.seconds));
  const double used = (bench::cpu_seconds() - cpu) / std::chrono::duration<double>(Steady::now() - began).count();
  out.cpu.push_back(1e6 * used / out.kernel.back());
  out.statements.push_back(pgbench.run(bench::Pgbench::Form::statements, count, given.seconds));
  out.one_statement.push_back(pgbench.run(bench::Pgbench::Form::one_statement, count, given.seconds));
  out.no_chain.push_back(pgbench.run(bench::Pgbench::Form::no_chain, count, given.seconds));
  out.ratio.push_back(out.kernel.back() / out.statements.back());
  out.ratio_to_one.push_back(out.kernel.back() / out.one_statement.back());
  out.ratio_to_no_chain.push_back(out.kernel.back() / out.no_chain.back());
  std::printf("%d callers: kernel %.0f commands/s (%.0f us of CPU each), pgbench %.0f, in one statement %.0f, that without"
              " chains %.0f\n",
              count, out.kernel.back(), out.cpu.back(), out.statements.back(), out.one_statement.back(),
              out.no_chain.back());
  std::fflush(stdout);
}

void report(int count, const Rates& rates) {
  const auto name = "commands." + std::to_string(count);
  const auto rate = bench::median(rates.kernel);
  bench::print({name, rate, "commands/s", "pgbench, " + std::to_string(count) +
                " clients, a statement a table: " + bench::digits(bench::median(rates.statements)),
                bench::median(rates.ratio), ">= 0.7"});
  bench::print({name + ".one_statement", rate, "commands/s",
                "pgbench, all in one statement: " + bench::digits(bench::median(rates.one_statement)),
                bench::median(rates.ratio_to_one), ">= 0.7"});
  bench::print({name + ".no_chain", rate, "commands/s",
                "pgbench, in one statement, numbered with holes: " + bench::digits(bench::median(rates.no_chain)),
                bench::median(rates.ratio_to_no_chain)});
}

}  // namespace

int main(int argc, char** argv) try {
  const auto given = read(argc, argv);
  bench::Installation ours, theirs;
  {
    const auto runtime = theirs.start(bench::fills());
    Callers(*runtime, given.boxes).fill_all();
  }
  const bench::Pgbench pgbench(theirs.database("alpha"), given.boxes);
  const auto runtime = ours.start(bench::fills());
  Callers callers(*runtime, given.boxes);
  callers.fill_all();
  std::map<int, Rates> rates;
  for (int round = 0; round < given.rounds; ++round)
    for (const int count : {1, 16, 256})
      if (count <= pgbench.most_clients()) measure(given, callers, pgbench, count, rates[count]);
  for (const auto& [count, measured] : rates) report(count, measured);
  if (!rates.contains(256))
    bench::print_skipped("commands.256", "the database takes " + std::to_string(pgbench.most_clients()) +
                         " clients; set its max_connections to 400");
} catch (const std::exception& error) {
  std::fprintf(stderr, "commands_bench: %s\n", error.what());
  return 1;
}
