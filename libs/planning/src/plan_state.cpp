#include "plan_state.hpp"

#include <algorithm>

namespace loomline::planning {

int OperatorState::capacity(Time at) const {
  int count = 0;
  for (std::size_t i = 0; i < crews.size(); ++i)
    if (calendars[i]->is_working(at)) count += crews[i].count;
  return count;
}

int OperatorState::most() const {
  int count = 0;
  for (const auto& crew : crews) count += crew.count;
  return count;
}

Time OperatorState::next_change(Time at) const {
  Time next = kNever;
  for (const auto& calendar : calendars)
    if (const auto w = calendar->window(at, Duration{1})) next = std::min(next, w->begin > at ? w->begin : w->end);
  return next;
}

std::optional<Interval> OperatorState::window(Time at, Duration need, int count) const {
  while (capacity(at) < count) {
    at = next_change(at);
    if (at == kNever) return std::nullopt;
  }
  auto end = next_change(at);
  while (end - at < need && capacity(end) >= count) end = next_change(end);
  return Interval{at, end};
}

std::optional<Time> OperatorState::conflict(const Interval& period, int count) const {
  std::optional<Time> until;
  for (auto t = period.begin; t < period.end || until;) {
    const bool over = usage.level(t) + count > capacity(t);
    if (until && !over) return t;
    if (over) until = t;
    t = std::min(usage.next_change(t), next_change(t));
    if (t == kNever) return until ? until : std::nullopt;
  }
  return std::nullopt;
}

Result<PlanState> PlanState::make(const Plant& plant) {
  if (auto status = validate(plant); !status.ok()) return status;
  PlanState state;
  state.plant_id = plant.id;
  state.calendar_id = plant.calendar;
  auto calendars = std::make_shared<ById<CalendarPtr>>();
  for (const auto& spec : plant.calendars) (*calendars)[spec.id] = Calendar::make(spec).value();
  auto classes = std::make_shared<ById<std::vector<std::string>>>();
  for (auto machine : plant.machines) {
    std::sort(machine.downs.begin(), machine.downs.end(),
              [](const Down& a, const Down& b) { return std::tie(a.period, a.id) < std::tie(b.period, b.id); });
    (*classes)[machine.equipment_class].push_back(machine.id);
    const auto calendar = calendars->at(machine.calendar);
    const auto id = machine.id;
    state.machines.write().emplace(id, Cow(MachineState{std::move(machine), calendar, {}}));
  }
  for (auto& [name, ids] : *classes) std::sort(ids.begin(), ids.end());
  auto crews = plant.crews;
  std::sort(crews.begin(), crews.end(), [](const Crew& a, const Crew& b) { return a.id < b.id; });
  for (const auto& crew : crews) {
    auto& of_class = state.operators.write()[crew.operator_class].write();
    of_class.crews.push_back(crew);
    of_class.calendars.push_back(calendars->at(crew.calendar));
  }
  state.calendars = std::move(calendars);
  state.classes = std::move(classes);
  for (auto item : plant.items) {
    const auto id = item.id;
    const auto inbound = std::exchange(item.inbound, {});
    auto& stock = state.items.write()[id].write();
    stock.item = std::move(item);
    stock.ledger.set_on_hand(stock.item.on_hand);
    for (const auto& in : inbound) state.add_inbound(id, in);
  }
  return state;
}

const MachineState* PlanState::machine(std::string_view id) const {
  const auto it = machines->find(id);
  return it == machines->end() ? nullptr : &*it->second;
}
const OperatorState* PlanState::crew(std::string_view operator_class) const {
  const auto it = operators->find(operator_class);
  return it == operators->end() ? nullptr : &*it->second;
}
const ItemState* PlanState::item(std::string_view id) const {
  const auto it = items->find(id);
  return it == items->end() ? nullptr : &*it->second;
}
const Job* PlanState::job(std::string_view id) const {
  const auto it = jobs->find(id);
  return it == jobs->end() ? nullptr : &*it->second;
}
MachineState& PlanState::write_machine(std::string_view id) { return machines.write().find(id)->second.write(); }
ItemState& PlanState::write_item(std::string_view id) { return items.write().find(id)->second.write(); }
Job& PlanState::write_job(std::string_view id) { return jobs.write().find(id)->second.write(); }

void PlanState::occupy(std::string_view job_id, const Operation& op, const PlacedOperation& placed, int sign) {
  if (placed.state != OperationState::planned && placed.state != OperationState::running) return;
  if (placed.start == kNever) return;
  if (!placed.machine.empty() && placed.start < placed.finish) {
    auto& timeline = write_machine(placed.machine).timeline;
    const Booking booking{{placed.start, placed.finish}, std::string(job_id), op.op_id};
    if (sign > 0)
      timeline.add(booking);
    else
      timeline.remove(booking);
  }
  if (op.operators == 0) return;
  auto& usage = operators.write().find(op.operator_class)->second.write().usage;
  for (const auto& part : placed.work) usage.add(part, sign * op.operators);
}

void PlanState::add_inbound(const std::string& id, const Inbound& inbound) {
  auto& stock = write_item(id);
  auto& list = stock.item.inbound;
  list.insert(std::upper_bound(list.begin(), list.end(), inbound,
                               [](const Inbound& a, const Inbound& b) { return a.id < b.id; }),
              inbound);
  stock.ledger.add(inbound.due, inbound.quantity);
}

Status PlanState::knows(const Demand& demand) const {
  for (const auto& op : demand.operations) {
    const auto path = "operations[" + op.op_id + "]";
    for (const auto& need : op.materials)
      if (item(need.item) == nullptr)
        return invalid(path + ".materials[" + need.item + "]", "names an item that the plant does not have",
                       "add the item to the plant, with what is on hand or a lead time");
    for (const auto& id : op.machines)
      if (machine(id) == nullptr)
        return invalid(path + ".machines[" + id + "]", "names a machine that the plant does not have",
                       "name machines of the plant");
  }
  return {};
}

}  // namespace loomline::planning
