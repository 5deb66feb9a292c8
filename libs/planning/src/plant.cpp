#include "loomline/planning/plant.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "loomline/planning/job.hpp"

namespace loomline::planning {
namespace {

// Collects violations under one Status.
class Findings {
 public:
  void add(std::string field, std::string problem, std::string remedy) {
    if (status_.ok())
      status_ = invalid(std::move(field), std::move(problem), std::move(remedy));
    else
      status_.with({std::move(field), std::move(problem), std::move(remedy)});
  }
  void unless(bool good, const std::string& field, const char* problem, const char* remedy) {
    if (!good) add(field, problem, remedy);
  }
  Status take() { return std::move(status_); }

 private:
  Status status_;
};

template <class T>
void check_ids(Findings& findings, const std::vector<T>& list, const std::string& field) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto path = field + "[" + std::to_string(i) + "].id";
    findings.unless(!list[i].id.empty(), path, "is empty", "give every entry an id");
    findings.unless(seen.insert(list[i].id).second, path, "occurs twice", "give every entry an id of its own");
  }
}

std::string named(const std::string& list, const std::string& id) { return list + "[" + id + "]"; }

void check_machines(Findings& findings, const Plant& plant, const std::set<std::string>& calendars) {
  for (const auto& m : plant.machines) {
    const auto path = named("machines", m.id);
    findings.unless(!m.equipment_class.empty(), path + ".equipment_class", "is empty", "name the class of the machine");
    findings.unless(calendars.contains(m.calendar), path + ".calendar", "is unknown", "name a calendar of the plant");
    findings.unless(m.capacity >= 1, path + ".capacity", "is below 1", "give 1 or more");
    for (const auto& d : m.downs)
      findings.unless(d.period.begin < d.period.end, path + ".downs", "ends before it begins",
                      "give a period with an end after its begin");
  }
}

void check_operation(Findings& findings, const Operation& op, const std::string& path) {
  findings.unless(op.setup >= Duration{} && op.run >= Duration{} && op.lag >= Duration{}, path + ".run", "is negative",
                  "give times of zero or more");
  findings.unless(op.operators >= 0, path + ".operators", "is negative", "give zero or more");
  findings.unless(op.operators == 0 || !op.operator_class.empty(), path + ".operator_class", "is empty",
                  "name the class of the operators, or ask for none");
  findings.unless(op.variation >= 0 && op.variation < 10, path + ".variation", "is no coefficient of variation",
                  "give a number from 0 to 10, such as 0.2");
  std::set<std::string> items;
  for (const auto& need : op.materials) {
    findings.unless(need.quantity > 0, path + ".materials[" + need.item + "]", "has no quantity", "give 1 or more");
    findings.unless(items.insert(need.item).second, path + ".materials[" + need.item + "]", "occurs twice",
                    "add the quantities up");
  }
}

}  // namespace

Status validate(const Plant& plant) {
  Findings findings;
  check_ids(findings, plant.calendars, "calendars");
  check_ids(findings, plant.machines, "machines");
  check_ids(findings, plant.crews, "crews");
  check_ids(findings, plant.items, "items");
  std::set<std::string> calendars;
  for (const auto& spec : plant.calendars) {
    calendars.insert(spec.id);
    if (auto made = Calendar::make(spec); !made.ok())
      for (const auto& v : made.status().violations())
        findings.add(named("calendars", spec.id) + "." + v.field, v.problem, v.remedy);
  }
  findings.unless(calendars.contains(plant.calendar), "calendar", "is unknown", "name a calendar of the plant");
  check_machines(findings, plant, calendars);
  findings.unless(plant.allowance_permille >= 0 && plant.allowance_permille <= 1000, "allowance_permille",
                  "is not from 0 to 1000", "give the free time in front of an operation in thousandths of its length");
  for (const auto& c : plant.crews) {
    findings.unless(!c.operator_class.empty(), named("crews", c.id) + ".operator_class", "is empty", "name the class");
    findings.unless(calendars.contains(c.calendar), named("crews", c.id) + ".calendar", "is unknown",
                    "name a calendar of the plant");
    findings.unless(c.count >= 1, named("crews", c.id) + ".count", "is below 1", "give 1 or more");
  }
  for (const auto& item : plant.items) {
    findings.unless(!item.lead_time || *item.lead_time >= Duration{}, named("items", item.id) + ".lead_time",
                    "is negative", "give zero or more, or none");
    check_ids(findings, item.inbound, named("items", item.id) + ".inbound");
    for (const auto& in : item.inbound)
      findings.unless(in.quantity > 0, named("items", item.id) + ".inbound[" + in.id + "]", "has no quantity",
                      "give 1 or more");
  }
  return findings.take();
}

Status validate(const Demand& demand) {
  Findings findings;
  findings.unless(!demand.job_id.empty(), "job_id", "is empty", "give the job an id");
  findings.unless(!demand.operations.empty(), "operations", "is empty", "give at least one operation");
  std::set<std::string> ids;
  for (const auto& op : demand.operations) {
    const auto path = named("operations", op.op_id);
    findings.unless(!op.op_id.empty(), path, "has no op_id", "give every operation an id");
    findings.unless(ids.insert(op.op_id).second, path, "occurs twice", "give every operation an id of its own");
    check_operation(findings, op, path);
  }
  for (const auto& op : demand.operations)
    for (const auto& p : op.predecessors)
      findings.unless(ids.contains(p), named("operations", op.op_id) + ".predecessors", "names an unknown operation",
                      "name operations of the same job");
  if (auto status = findings.take(); !status.ok()) return status;
  if (topological_order(demand.operations).size() != demand.operations.size())
    return invalid("operations", "wait for each other in a circle", "remove one of the predecessors");
  return {};
}

std::vector<std::size_t> topological_order(const std::vector<Operation>& operations) {
  std::map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < operations.size(); ++i) index[operations[i].op_id] = i;
  std::vector<std::size_t> waits(operations.size());
  std::vector<std::vector<std::size_t>> followers(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i)
    for (const auto& p : operations[i].predecessors)
      if (const auto it = index.find(p); it != index.end()) {
        ++waits[i];
        followers[it->second].push_back(i);
      }
  std::map<std::string_view, std::size_t> ready;
  for (std::size_t i = 0; i < operations.size(); ++i)
    if (waits[i] == 0) ready[operations[i].op_id] = i;
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const auto i = ready.begin()->second;
    ready.erase(ready.begin());
    order.push_back(i);
    for (const auto f : followers[i])
      if (--waits[f] == 0) ready[operations[f].op_id] = f;
  }
  return order;
}

Time Job::finish() const {
  Time latest = Time::min();
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations[i].finish == kNever) return kNever;
    latest = std::max(latest, operations[i].finish + demand.operations[i].lag);
  }
  return operations.empty() ? kNever : latest;
}

Time Job::start() const {
  Time earliest = kNever;
  for (const auto& op : operations) earliest = std::min(earliest, op.start);
  return earliest;
}

}  // namespace loomline::planning
