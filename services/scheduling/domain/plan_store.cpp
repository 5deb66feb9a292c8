#include "domain/plan_store.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "domain/network.hpp"
#include "domain/plant_model.hpp"

namespace loomline::scheduling::domain {
namespace {

using planning::OperationState;

constexpr std::chrono::days kForgetDowns{30};

// What is running on a machine that a newer revision of the plant no longer has stays there until it ends.
void keep_retired(planning::Plant& model, const PlantState& state) {
  std::set<std::string> known;
  for (const auto& machine : model.machines) known.insert(machine.id);
  for (const auto& order : state.orders())
    for (const auto& line : order.lines())
      for (const auto& unit : line.units())
        for (const auto& work_order : unit.work_orders())
          for (const auto& op : work_order.operations())
            if (op.in_plan() && !op.equipment_id().empty() && known.insert(op.equipment_id()).second)
              model.machines.push_back({op.equipment_id(), "~retired", model.calendar, 1, {}});
}

void add_downs(planning::Plant& model, const PlantState& state) {
  for (const auto& down : state.downs())
    for (auto& machine : model.machines)
      if (machine.id == down.equipment_id() && down.from() < down.until())
        machine.downs.push_back({down.down_id(), {from_micros(down.from()), from_micros(down.until())}, down.reason()});
}

void add_items(planning::Plant& model, const PlantState& state, const std::vector<const ManufacturingSpec*>& also) {
  const Duration lead = std::chrono::hours(state.plant().default_supply_hours());
  std::map<std::string, planning::Item> items;
  const auto know = [&](const ManufacturingSpec& spec) {
    for (const auto& item : spec.bom()) items.try_emplace(item.item().item_id());
  };
  for (const auto* spec : also) know(*spec);
  for (const auto& order : state.orders())
    for (const auto& line : order.lines()) know(line.spec());
  for (const auto& stock : state.stock()) {
    auto& item = items[stock.item_id()];
    item.on_hand = stock.on_hand();
    for (const auto& in : stock.inbound())
      item.inbound.push_back({in.inbound_id(), in.quantity(), from_micros(in.due()), in.planned()});
  }
  for (auto& [id, item] : items) {
    item.id = id;
    item.lead_time = lead;
    model.items.push_back(std::move(item));
  }
}

planning::PlacedOperation placed(const Operation& op, const std::set<std::string>& machines) {
  planning::PlacedOperation out;
  out.op_id = op.plan_op_id();
  out.state = static_cast<OperationState>(op.plan_state());
  const bool lost =
      out.state == OperationState::planned && !op.equipment_id().empty() && !machines.contains(op.equipment_id());
  if (out.state == OperationState::unplaced || lost)
    return {op.plan_op_id(), {}, {}, planning::kNever, planning::kNever, {}, {}};
  out.machine = op.equipment_id();
  out.start = from_micros(op.start());
  out.finish = from_micros(op.finish());
  for (int i = 0; i + 1 < op.work_size(); i += 2)
    out.work.push_back({from_micros(op.work(i)), from_micros(op.work(i + 1))});
  return out;
}

planning::Job job_of(const Line& line, const Unit& unit, const std::set<std::string>& machines) {
  planning::Job job;
  job.demand = demand_of(line.spec(), unit);
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (op.in_plan()) job.operations.push_back(placed(op, machines));
  for (std::size_t i = 0; i < job.operations.size(); ++i) {
    if (job.operations[i].state != OperationState::planned) continue;
    for (const auto& need : job.demand.operations[i].materials)
      job.reservations.push_back({job.operations[i].op_id, need.item, need.quantity, job.operations[i].start});
  }
  return job;
}

void write_back(const planning::PlacedOperation& from, Operation& op) {
  op.set_plan_state(static_cast<std::uint32_t>(from.state));
  op.set_equipment_id(from.machine);
  op.set_start(from.start == planning::kNever ? 0 : micros(from.start));
  op.set_finish(from.finish == planning::kNever ? 0 : micros(from.finish));
  op.set_needs_material(op.needs_material() &&
                        (from.state == OperationState::planned || from.state == OperationState::unplaced));
  op.clear_work();
  for (const auto& part : from.work) {
    op.add_work(micros(part.begin));
    op.add_work(micros(part.end));
  }
}

void save_stock(const planning::Plan& plan, PlantState& state) {
  std::map<std::string, state::v1::Stock> known;
  for (auto& stock : *state.mutable_stock()) known[stock.item_id()] = std::move(stock);
  state.clear_stock();
  for (const auto& item : plan.plant().items) {
    const auto it = known.find(item.id);
    if (it == known.end() && item.on_hand == 0 && item.inbound.empty()) continue;
    auto& stock = *state.add_stock();
    if (it != known.end()) stock.set_unit(it->second.unit());
    stock.set_item_id(item.id);
    stock.set_on_hand(item.on_hand);
    for (const auto& in : item.inbound) {
      auto& out = *stock.add_inbound();
      out.set_inbound_id(in.id);
      out.set_quantity(in.quantity);
      out.set_due(micros(in.due));
      out.set_planned(in.planned);
    }
  }
}

}  // namespace

void tidy(PlantState& state, Time now) {
  for (auto& stock : *state.mutable_stock()) {
    auto& inbound = *stock.mutable_inbound();
    for (const auto& in : inbound)
      if (in.due() <= micros(now)) stock.set_on_hand(stock.on_hand() + in.quantity());
    inbound.erase(
        std::remove_if(inbound.begin(), inbound.end(), [&](const auto& in) { return in.due() <= micros(now); }),
        inbound.end());
  }
  auto& downs = *state.mutable_downs();
  for (auto& down : downs)
    if (down.open() && down.until() < micros(now)) down.set_until(micros(now));  // nobody has said that it is back
  downs.erase(std::remove_if(downs.begin(), downs.end(),
                             [&](const auto& d) { return !d.open() && d.until() < micros(now - kForgetDowns); }),
              downs.end());
}

planning::Plan load(const PlantState& state, const std::vector<const ManufacturingSpec*>& also) {
  auto model = plant_model(state.plant());
  keep_retired(model, state);
  add_downs(model, state);
  add_items(model, state, also);
  std::set<std::string> machines;
  for (const auto& machine : model.machines)
    if (machine.equipment_class != "~retired") machines.insert(machine.id);
  std::vector<planning::Job> jobs;
  for (const auto& order : state.orders())
    for (const auto& line : order.lines())
      for (const auto& unit : line.units()) {
        auto job = job_of(line, unit, machines);
        if (!job.operations.empty()) jobs.push_back(std::move(job));
      }
  auto plan = planning::Plan::make(model, jobs);
  if (!plan) throw std::logic_error("a stored plan does not hold together: " + plan.status().to_string());
  return std::move(plan).value();
}

void save(const planning::Plan& plan, PlantState& state) {
  for (auto& order : *state.mutable_orders())
    for (auto& line : *order.mutable_lines())
      for (auto& unit : *line.mutable_units()) {
        const auto* job = plan.find(job_id(unit));
        std::map<std::string_view, std::size_t> index;
        if (job != nullptr)
          for (std::size_t i = 0; i < job->operations.size(); ++i) index[job->operations[i].op_id] = i;
        for (auto& work_order : *unit.mutable_work_orders())
          for (auto& op : *work_order.mutable_operations()) {
            if (!op.in_plan()) continue;
            const auto it = index.find(op.plan_op_id());
            if (it == index.end())
              op.set_in_plan(false);
            else
              write_back(job->operations[it->second], op);
          }
      }
  save_stock(plan, state);
}

}  // namespace loomline::scheduling::domain
