#include "plan_check.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace loomline::planning {
namespace {

struct Judge {
  Plant plant;
  std::vector<Job> jobs;
  std::map<std::string, std::shared_ptr<const Calendar>> calendars;
  std::vector<std::string> broken;

  void say(const Job& job, const std::string& op, const std::string& what) {
    broken.push_back(job.demand.job_id + "/" + op + " " + what);
  }
  const Machine* machine(const std::string& id) const {
    for (const auto& m : plant.machines)
      if (m.id == id) return &m;
    return nullptr;
  }

  void operation(const Job& job, const Operation& op, const PlacedOperation& p) {
    Duration work{};
    Time last = p.start;
    for (const auto& i : p.work) {
      if (i.begin < last || i.begin >= i.end || i.end > p.finish) say(job, op.op_id, "works out of order");
      last = i.end;
      work += i.length();
    }
    if (work != op.setup + op.run) say(job, op.op_id, "works too long or too short");
    if (!op.interruptible && p.work.size() > 1) say(job, op.op_id, "rests and may not");
    if (p.work.empty()) return;
    if (p.work.front().begin != p.start || p.work.back().end != p.finish) say(job, op.op_id, "idles at an end");
    const auto* m = machine(p.machine);
    if (op.equipment_class.empty() != (m == nullptr)) return say(job, op.op_id, "is on no machine, or on one too many");
    if (m != nullptr && m->equipment_class != op.equipment_class)
      say(job, op.op_id, "is on a machine of another class");
    const auto& calendar = *calendars.at(m != nullptr ? m->calendar : plant.calendar);
    for (const auto& i : p.work) {
      if (calendar.work_between(i.begin, i.end) != i.length()) say(job, op.op_id, "works outside of the shifts");
      if (m == nullptr) continue;
      for (const auto& d : m->downs)
        if (d.period.begin < i.end && i.begin < d.period.end) say(job, op.op_id, "works on a machine that is down");
    }
  }

  void precedence(const Job& job) {
    std::map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < job.operations.size(); ++i) index[job.operations[i].op_id] = i;
    for (std::size_t i = 0; i < job.operations.size(); ++i) {
      if (job.operations[i].state != OperationState::planned) continue;
      if (job.operations[i].start < job.demand.earliest) say(job, job.operations[i].op_id, "begins too early");
      for (const auto& p : job.demand.operations[i].predecessors) {
        const auto k = index.at(p);
        if (job.operations[k].finish + job.demand.operations[k].lag > job.operations[i].start)
          say(job, job.operations[i].op_id, "begins before its predecessor is over");
      }
    }
  }

  // The most that overlap at once, by brute force at every begin.
  void machines() {
    std::map<std::string, std::vector<std::pair<Interval, bool>>> on;
    for (const auto& job : jobs)
      for (const auto& p : job.operations)
        if (p.state == OperationState::planned || p.state == OperationState::running)
          if (!p.machine.empty() && p.start < p.finish)
            on[p.machine].push_back({{p.start, p.finish}, p.state == OperationState::planned});
    for (const auto& [id, list] : on)
      for (const auto& [a, planned] : list) {
        int count = 0;
        bool any_planned = false;
        for (const auto& [b, b_planned] : list)
          if (b.begin <= a.begin && a.begin < b.end) {
            ++count;
            any_planned = any_planned || b_planned;
          }
        if (any_planned && count > machine(id)->capacity) broken.push_back("machine " + id + " is overloaded");
      }
  }

  void operators() {
    std::map<std::string, std::vector<std::pair<Interval, int>>> busy;
    std::map<std::string, std::set<Time>> points;
    for (const auto& job : jobs)
      for (std::size_t i = 0; i < job.operations.size(); ++i)
        if (job.operations[i].state == OperationState::planned && job.demand.operations[i].operators > 0)
          for (const auto& w : job.operations[i].work) {
            busy[job.demand.operations[i].operator_class].push_back({w, job.demand.operations[i].operators});
            points[job.demand.operations[i].operator_class].insert(w.begin);
            points[job.demand.operations[i].operator_class].insert(w.end - Duration{1});
          }
    for (const auto& [name, list] : busy)
      for (const auto t : points[name]) {
        int used = 0, present = 0;
        for (const auto& [w, n] : list)
          if (w.begin <= t && t < w.end) used += n;
        for (const auto& c : plant.crews)
          if (c.operator_class == name && calendars.at(c.calendar)->is_working(t)) present += c.count;
        if (used > present) broken.push_back("too few operators " + name + " at " + format_rfc3339(t));
      }
  }

  void materials() {
    for (const auto& item : plant.items) {
      std::map<Time, std::int64_t> steps;
      for (const auto& in : item.inbound) steps[in.due] += in.quantity;
      for (const auto& job : jobs)
        for (const auto& r : job.reservations)
          if (r.item == item.id) steps[r.at] -= r.quantity;
      auto balance = item.on_hand;
      for (const auto& [t, delta] : steps)
        if ((balance += delta) < 0) broken.push_back("item " + item.id + " is short at " + format_rfc3339(t));
    }
  }
};

}  // namespace

std::vector<std::string> broken_rules(const Plan& plan) {
  Judge judge{plan.plant(), plan.jobs(), {}, {}};
  for (const auto& spec : judge.plant.calendars) judge.calendars[spec.id] = Calendar::make(spec).value();
  for (const auto& job : judge.jobs) {
    for (std::size_t i = 0; i < job.operations.size(); ++i)
      if (job.operations[i].state == OperationState::planned)
        judge.operation(job, job.demand.operations[i], job.operations[i]);
    judge.precedence(job);
  }
  judge.machines();
  judge.operators();
  judge.materials();
  return judge.broken;
}

}  // namespace loomline::planning
