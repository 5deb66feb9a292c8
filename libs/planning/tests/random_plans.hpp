// Random plants, jobs and facts, by seed.
#pragma once

#include <algorithm>
#include <random>
#include <string>

#include "fixtures.hpp"

namespace loomline::planning {

class RandomPlans {
 public:
  explicit RandomPlans(unsigned seed) : random_(seed), allowance_(seed % 4 == 1 ? 80 : 0) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool one_in(int n) { return below(n) == 0; }

  // `monday` before a clock change, in two zones that change it.
  Plant plant(Time monday) {
    Plant p;
    p.id = "plt_random";
    p.calendar = "day";
    const Hours morning{hours{6}, hours{14}}, late{hours{14}, hours{22}}, night{hours{22}, hours{6}};
    p.calendars = {weekly("day", "Europe/Berlin", 1, 5, {{hours{8}, hours{12}}, {hours{13}, hours{17}}}),
                   weekly("two", "Europe/Berlin", 1, 6, {morning, late}),
                   weekly("night", "America/New_York", 1, 7, {night}),
                   weekly("early", "Europe/Berlin", 1, 7, {{minutes{90}, minutes{210}}, morning}),
                   around_the_clock("always", "UTC")};
    p.calendars[0].exceptions.push_back(
        {std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(monday + hours{24})}, {}, "holiday"});
    const char* calendars[] = {"day", "two", "night", "early", "always"};
    for (int c = 0; c < 3; ++c)
      for (int m = 0; m < 1 + below(3); ++m) {
        const auto name = "c" + std::to_string(c);
        Machine machine{name + "-" + std::to_string(m), name, calendars[below(5)], one_in(3) ? 2 + below(2) : 1, {}};
        for (int d = 0; d < below(3); ++d) {
          const auto begin = monday + minutes{below(14000)};
          machine.downs.push_back({"down-" + std::to_string(d), {begin, begin + minutes{1 + below(3000)}}, ""});
        }
        p.machines.push_back(std::move(machine));
      }
    for (int k = 0; k < 1 + below(4); ++k)
      p.crews.push_back({"crew-" + std::to_string(k), k == 3 ? "second" : "fitter", calendars[below(5)], 1 + below(3)});
    p.crews.push_back({"crew-second", "second", "always", 1 + below(2)});
    p.items = {{"blank", below(40), {}, {{"in-1", 60, monday + hours{below(300)}, false}}}, {"bolt", 0, hours{48}, {}}};
    p.allowance_permille = allowance_;
    return p;
  }

  Operation operation(const std::string& id) {
    Operation o;
    o.op_id = id;
    o.equipment_class = one_in(6) ? "" : "c" + std::to_string(below(3));
    o.setup = minutes{below(40)};
    o.run = minutes{one_in(8) ? 0 : below(one_in(4) ? 900 : 300)};
    if (one_in(12)) o.setup = o.run = Duration{};
    o.interruptible = !one_in(3);
    o.lag = minutes{one_in(4) ? below(400) : 0};
    if (!one_in(3)) {
      o.operator_class = one_in(3) ? "second" : "fitter";
      o.operators = 1 + (one_in(4) ? 1 : 0);
    }
    if (one_in(4)) o.materials.push_back({"blank", 1 + below(3)});
    if (one_in(4)) o.materials.push_back({"bolt", 1 + below(5)});
    return o;
  }

  Demand job(int n, Time earliest) {
    Demand d{"job-" + std::to_string(1000 + n), earliest + minutes{below(2000)}, {}};
    for (int i = 0; i < 1 + below(5); ++i) {
      d.operations.push_back(operation("op-" + std::to_string(10 + i)));
      for (int k = 0; k < i; ++k)
        if (one_in(2)) d.operations.back().predecessors.push_back("op-" + std::to_string(10 + k));
    }
    return d;
  }

 private:
  std::mt19937 random_;
  int allowance_;
};

}  // namespace loomline::planning
