#include "loomline/planning/promise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "plan_state.hpp"

namespace loomline::planning {
namespace {

Duration sum(const std::vector<Interval>& work) {
  Duration total{};
  for (const auto& i : work) total += i.length();
  return total;
}

// The index of the operation that finishes last, lag included; ties by op_id.
std::size_t last_operation(const Job& job) {
  std::size_t last = 0;
  for (std::size_t i = 1; i < job.operations.size(); ++i) {
    const auto a = job.operations[i].finish + job.demand.operations[i].lag;
    const auto b = job.operations[last].finish + job.demand.operations[last].lag;
    if (a > b || (a == b && job.operations[i].op_id < job.operations[last].op_id)) last = i;
  }
  return last;
}

const Calendar* calendar(const Plan& plan, const std::string& id) {
  const auto& calendars = plan.state().frame->calendars();
  const auto it = calendars.find(id);
  return it == calendars.end() ? nullptr : it->second.get();
}

// When goods finished at `finish` leave the dock.
Time leaves(const Calendar& dock, Time finish, Duration packing) {
  const auto packed = dock.add_work(dock.next_working(finish), packing);
  if (packed == kNever) return kNever;
  // Packed exactly at the end of the day still catches that day's collection.
  const auto window = dock.window(packed - Duration{1}, Duration{1});
  return window ? window->end : kNever;
}

// The time on the way at the quantile `z`.
Duration travel(const std::vector<Leg>& legs, double z) {
  static const double z95 = normal_quantile(0.95);
  double mean = 0, variance = 0;
  for (const auto& leg : legs) {
    mean += static_cast<double>(leg.typical.count());
    const double deviation = static_cast<double>((leg.p95 - leg.typical).count()) / z95;
    variance += deviation * deviation;
  }
  return Duration(std::llround(std::max(mean / 2, mean + z * std::sqrt(variance))));
}

struct Course {
  Time dispatch{}, delivery{};
};

Result<Course> course(const Plan& plan, const Dispatch& dispatch, Time finish, double z) {
  Course c;
  if (finish != kNever) c.dispatch = leaves(*calendar(plan, dispatch.calendar), finish, dispatch.packing);
  if (finish == kNever || c.dispatch == kNever)
    return failed_precondition("NO_DISPATCH", "The plant or its dock never works again; extend the calendar.");
  c.delivery = c.dispatch + travel(dispatch.legs, z);
  return c;
}

Status check(const Plan& plan, const Dispatch& dispatch, double probability) {
  if (!(probability >= 0.5 && probability <= 0.999))
    return invalid("probability", "is outside of 0.5 to 0.999", "give a share such as 0.9");
  if (!zone_known(dispatch.zone)) return invalid("dispatch.zone", "is no known time zone", "give an IANA name");
  if (calendar(plan, dispatch.calendar) == nullptr)
    return invalid("dispatch.calendar", "is unknown", "name a calendar of the plant");
  for (const auto& leg : dispatch.legs)
    if (leg.typical < Duration{} || leg.p95 < leg.typical)
      return invalid("dispatch.legs", "has times that are not in order", "give 0 <= typical <= p95");
  return {};
}

}  // namespace

double normal_quantile(double p) {
  // Bisection on the distribution function: exact to the last bits. An installation asks for one probability or two.
  static thread_local std::array<std::pair<double, double>, 4> known{};
  static thread_local std::size_t next = 0;
  for (const auto& [asked, quantile] : known)
    if (asked == p && p != 0) return quantile;
  double low = -40, high = 40;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  const double quantile = (low + high) / 2;
  known[next++ % known.size()] = {p, quantile};
  return quantile;
}

Duration finish_spread(const Plan& plan, const Job& job, double queue_variation, Time now) {
  if (job.operations.empty()) return {};
  const auto& hours = *calendar(plan, plan.state().frame->calendar_id());
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < job.operations.size(); ++i) index[job.operations[i].op_id] = i;
  double variance = 0;
  const auto add = [&](double deviation) { variance += deviation * deviation; };
  std::vector<bool> seen(job.operations.size());
  for (std::size_t i = last_operation(job); !seen[i];) {
    seen[i] = true;
    const auto& op = job.demand.operations[i];
    const auto& placed = job.operations[i];
    if (placed.state == OperationState::ended) break;  // what happened has no spread
    const auto work =
        placed.state == OperationState::running || placed.work.empty() ? op.setup + op.run : sum(placed.work);
    add(op.variation * static_cast<double>(work.count()));
    // Back to what it waited for: the predecessor that ended last.
    std::size_t before = i;
    Time latest{};
    Time ready = std::max(job.demand.earliest, now);
    for (const auto& p : op.predecessors) {
      const auto k = index.at(p);
      const auto at = later(job.operations[k].finish, job.demand.operations[k].lag);
      if (before == i || at > latest) {
        before = k;
        latest = at;
      }
      ready = std::max(ready, at);
    }
    if (placed.state == OperationState::planned && placed.start > ready)
      add(queue_variation * static_cast<double>(hours.work_between(ready, placed.start).count()));
    i = before;
  }
  return Duration(static_cast<Duration::rep>(std::llround(std::sqrt(variance))));
}

Result<Time> next_dispatch(const Plan& plan, const Dispatch& dispatch, Time finish) {
  if (auto status = check(plan, dispatch, 0.5); !status.ok()) return status;
  const auto c = course(plan, dispatch, finish, 0);
  if (!c) return c.status();
  return c->dispatch;
}

Window arrival_window(const Dispatch& dispatch, Time dispatched, double probability) {
  const double z = normal_quantile(probability);
  return {local_day_begin(dispatch.zone, dispatched + travel(dispatch.legs, -z)),
          local_day_end(dispatch.zone, dispatched + travel(dispatch.legs, z))};
}

Time expected_arrival(const Dispatch& dispatch, Time dispatched) { return dispatched + travel(dispatch.legs, 0); }

Result<Promise> promise(const Plan& plan, const Job& job, const Dispatch& dispatch, double probability, Time now) {
  if (auto status = check(plan, dispatch, probability); !status.ok()) return status;
  Promise p;
  p.planned_finish = job.finish();
  if (p.planned_finish == kNever)
    return failed_precondition("UNPLANNED", "An operation of the job has no place in the plan.");
  p.probability = probability;
  p.spread = finish_spread(plan, job, dispatch.queue_variation, now);
  const double z = normal_quantile(probability);
  const auto margin = Duration(std::llround(z * static_cast<double>(p.spread.count())));
  const auto& hours = *calendar(plan, plan.state().frame->calendar_id());
  const auto late = course(plan, dispatch, hours.add_work(std::max(now, p.planned_finish), margin), z);
  if (!late) return late.status();
  const auto early = course(plan, dispatch, std::max(now, hours.subtract_work(p.planned_finish, margin)), -z);
  if (!early) return early.status();
  const auto rounded = [&](Time from, Time to) {
    return Window{local_day_begin(dispatch.zone, from), local_day_end(dispatch.zone, to)};
  };
  p.dispatch = rounded(early->dispatch, late->dispatch);
  p.delivery = rounded(early->delivery, late->delivery);
  return p;
}

}  // namespace loomline::planning
