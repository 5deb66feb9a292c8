// The promise window: from a planned finish to the days between which an order is dispatched and delivered.
//
// The model, stated plainly. Along the job's critical chain (from the last operation back through the predecessor or
// the wait that held each one up) the working times are independent with mean t_i and standard deviation c_i t_i, c_i
// being Operation::variation. Each wait q_i in a queue on the chain is itself other jobs' work of unknown spread; it
// counts (in the plant calendar's working time) with deviation c_q q_i (c_q: queue_variation), as if that work were one
// operation. The sum is taken as normal:
//     sigma = sqrt(sum (c_i t_i)^2 + sum (c_q q_i)^2),   finish(p) = finish + z_p sigma   in working time,
// with z_p the standard normal quantile. Source: PERT (Malcolm, Roseboom, Clark, Fazar, "Application of a technique for
// research and development program evaluation", Operations Research 7(5), 1959), without its three-point estimates.
// Known to be left out: the bias where parallel branches merge (latest is then optimistic), breakdowns not yet known,
// and that gaps in the plan absorb delay (latest is then pessimistic). Slack in calendars is not counted either way:
// overruns are converted to elapsed time by the plant's calendar.
//
// From finish(p) the goods are packed in the dispatch calendar's working time and leave when that stretch of dispatch
// work ends (the daily collection). Each transport leg takes elapsed time of mean `typical` and deviation
// (p95 - typical) / z_0.95; legs are independent of each other and of the finish, but their margins are added to the
// finish's, which errs to the safe side. `latest` uses upper quantiles and is rounded up to the end of the local day;
// `earliest` uses lower ones (never below half of the typical time on the way), rounded down to the beginning of the
// local day. The promise is kept where the milestone comes at or before `latest`: that is what `probability` says.
#pragma once

#include <string>
#include <vector>

#include "loomline/planning/plan.hpp"

namespace loomline::planning {

struct Leg {
  Duration typical{};  // elapsed, mean
  Duration p95{};      // elapsed, 95th percentile
  bool operator==(const Leg&) const = default;
};

struct Dispatch {
  std::string calendar;  // of the plant's calendars: when the dock works
  Duration packing{};    // working time
  std::vector<Leg> legs;
  std::string zone = "UTC";  // IANA name: where the window's days are counted
  double queue_variation = 0.25;
  bool operator==(const Dispatch&) const = default;
};

struct Window {
  Time earliest{};
  Time latest{};
  auto operator<=>(const Window&) const = default;
};

struct Promise {
  Window dispatch;
  Window delivery;
  double probability = 0;
  Time planned_finish{};
  Duration spread{};  // sigma, in working time
  bool operator==(const Promise&) const = default;
};

// z with P(Z <= z) = p for a standard normal Z; p in (0, 1).
double normal_quantile(double p);

// sigma of the model above: of the work that is not done yet. The job's operations must all be placed.
Duration finish_spread(const Plan& plan, const Job& job, double queue_variation, Time now);

// invalid_argument: probability outside [0.5, 0.999], unknown calendar or zone. failed_precondition UNPLANNED: an
// operation of the job is not placed. NO_DISPATCH: the dock never works again.
Result<Promise> promise(const Plan& plan, const Job& job, const Dispatch& dispatch, double probability, Time now);

// When goods that are finished at `finish` are collected at the dock. Errors as promise().
Result<Time> next_dispatch(const Plan& plan, const Dispatch& dispatch, Time finish);
// The delivery window of what left then, by the model above; `dispatch.zone` must be known.
Window arrival_window(const Dispatch& dispatch, Time dispatched, double probability);
// The mean arrival of what left then.
Time expected_arrival(const Dispatch& dispatch, Time dispatched);

}  // namespace loomline::planning
