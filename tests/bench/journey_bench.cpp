// What a fact of a large order costs in tracking and in quality beside one of a small order, in one run, and what all
// facts of a small order cost, and what their journeys hold in memory. Prints a table. Arguments: pieces of the large
// order (1000), small orders (200).
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "figure.hpp"
#include "loomline/quality/service.hpp"
#include "loomline/tracking/service.hpp"
#include "memory.hpp"
#include "story.hpp"

namespace loomline::bench {
namespace {

constexpr int small_pieces = 2;

struct Costs {
  Cost units, order;  // of facts of one unit, and of those said once an order
};

void track(const eventing::Service& tracking, const std::vector<Said>& facts, Costs& costs) {
  Kept journey(tracking, "journey", facts.front().cause.key);
  for (const auto& said : facts) journey.hear(*said.event, said.cause, said.of_unit ? costs.units : costs.order);
}

Memory hold(const eventing::Service& tracking, const std::vector<Said>& facts) {
  Costs unused;
  const auto before = allocated();
  Kept journey(tracking, "journey", facts.front().cause.key);
  for (const auto& said : facts) journey.hear(*said.event, said.cause, unused.units);
  const auto grown = allocated() - before;
  auto memory = weigh(journey);
  memory.grown = grown;
  return memory;
}

void row(const char* name, const Memory& memory) {
  std::printf("%-38s %9zu %9.1f %9.1f %9.1f %9.1f\n", name, memory.parts, static_cast<double>(memory.stored) / 1024,
              static_cast<double>(memory.accounted) / 1024, static_cast<double>(memory.grown) / 1024,
              static_cast<double>(memory.read) / 1024);
}

// As they arrive where topics are read one after the other, so many facts at a time: many are late.
std::vector<Said> by_source(std::vector<Said> facts, std::size_t at_a_time) {
  for (std::size_t i = 0; i < facts.size(); i += at_a_time) {
    const auto from = facts.begin() + static_cast<std::ptrdiff_t>(i);
    const auto to = facts.begin() + static_cast<std::ptrdiff_t>(std::min(i + at_a_time, facts.size()));
    std::stable_sort(from, to, [](const Said& a, const Said& b) { return a.cause.source > b.cause.source; });
  }
  return facts;
}

void add(Cost& sum, const Cost& more) {
  sum.cpu_us += more.cpu_us;
  sum.steps += more.steps;
  sum.root_bytes += more.root_bytes;
  sum.part_bytes += more.part_bytes;
  sum.event_bytes += more.event_bytes;
}

void row(const char* name, const Cost& cost) {
  std::printf("%-38s %9zu %9.2f %8.0f %8.0f %8.0f %8.0f\n", name, cost.steps, cost.each_us(),
              cost.each(cost.root_bytes), cost.each(cost.part_bytes), cost.each(cost.event_bytes),
              cost.each(cost.bytes()));
}

void compare(const char* service, const Costs& small, const Costs& large, int orders) {
  std::printf("\n%-38s %9s %9s %8s %8s %8s %8s\n", service, "steps", "CPU us", "root B", "parts B", "events B",
              "all B");
  row("  a unit's fact, order of 2", small.units);
  row("  a unit's fact, large order", large.units);
  std::printf("  large : small %42.2f %35.2f\n", large.units.each_us() / small.units.each_us(),
              large.units.each(large.units.bytes()) / small.units.each(small.units.bytes()));
  row("  once an order, order of 2", small.order);
  row("  once an order, large order", large.order);
  std::printf("  all facts of an order of 2: %.2f ms CPU\n", (small.units.cpu_us + small.order.cpu_us) / 1000 / orders);
  print({std::string("journey.") + service, large.units.each_us(), "us of CPU a fact of a unit, large order",
         "order of 2: " + digits(small.units.each_us()), large.units.each_us() / small.units.each_us()});
}

int run(int pieces, int orders) {
  const auto quality = quality::make_service();
  const auto tracking = tracking::make_service();
  Memory small_memory, large_memory;
  Costs small_quality, large_quality, small_tracking, large_tracking, late_10, late_100;
  // The small orders in two halves around the large one, so that a change of the machine's mood shows in both.
  for (int i = 0; i < orders; ++i) {
    if (i == orders / 2) {
      const auto story = tell(quality, "ord_large", pieces);
      large_quality = {story.quality_units, story.quality_order};
      track(tracking, story.facts, large_tracking);
      large_memory = hold(tracking, story.facts);
      track(tracking, by_source(story.facts, 10), late_10);
      track(tracking, by_source(story.facts, 100), late_100);
    }
    const auto story = tell(quality, "ord_" + std::to_string(i), small_pieces);
    add(small_quality.units, story.quality_units);
    add(small_quality.order, story.quality_order);
    track(tracking, story.facts, small_tracking);
    if (i == orders - 1) small_memory = hold(tracking, story.facts);
  }
  std::printf("An order of %d pieces beside %d orders of %d.\n", pieces, orders, small_pieces);
  compare("tracking", small_tracking, large_tracking, orders);
  row("  large order, 10 at a time by source", late_10.units);
  row("  large order, 100 at a time", late_100.units);
  compare("quality", small_quality, large_quality, orders);
  std::printf("\n%-38s %9s %9s %9s %9s %9s\n", "a journey in memory, KiB", "rows", "stored", "accounted", "grown",
              "read");
  row("  order of 2", small_memory);
  row("  large order", large_memory);
  return 0;
}

}  // namespace
}  // namespace loomline::bench

int main(int argc, char** argv) {
  return loomline::bench::run(argc > 1 ? std::atoi(argv[1]) : 1000, argc > 2 ? std::atoi(argv[2]) : 200);
}
