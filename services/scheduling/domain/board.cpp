#include "domain/board.hpp"

#include <map>
#include <stdexcept>

#include "domain/plant_model.hpp"
#include "domain/stock.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

using eventing::PartStore;
using eventing::PartsView;
using planning::OperationState;

constexpr const char* kRetired = "~retired";

bool in_plan(const Unit& unit) {
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (op.in_plan()) return true;
  return false;
}

// What is running on a machine that a newer revision of the plant no longer has stays there until it ends.
void keep_retired(planning::Plant& model, const PartStore& parts) {
  std::set<std::string> known;
  for (const auto& machine : model.machines) known.insert(machine.id);
  PartsView<Unit>(parts).each([&](const std::string&, const Unit& unit) {
    for (const auto& work_order : unit.work_orders())
      for (const auto& op : work_order.operations())
        if (op.in_plan() && !op.equipment_id().empty() && known.insert(op.equipment_id()).second)
          model.machines.push_back({op.equipment_id(), kRetired, model.calendar, 1, {}});
  });
}

void add_downs(planning::Plant& model, const PartStore& parts) {
  std::map<std::string, planning::Machine*> machines;
  for (auto& machine : model.machines) machines[machine.id] = &machine;
  PartsView<state::v1::Down>(parts).each([&](const std::string&, const state::v1::Down& down) {
    const auto it = machines.find(down.equipment_id());
    if (it != machines.end() && down.from() < down.until()) it->second->downs.push_back(down_of(down));
  });
}

void add_items(planning::Plant& model, const Board& board, const PartStore& parts) {
  std::set<std::string> ids;
  for (const auto entry : board.routings)
    for (const auto& item : entry.value->spec().bom()) ids.insert(item.item().item_id());
  PartsView<state::v1::Stock>(parts).each([&](const std::string& id, const state::v1::Stock&) { ids.insert(id); });
  const auto lead = lead_time(model_of(parts));
  for (const auto& id : ids) model.items.push_back(item_of(parts, id, lead));
}

std::set<std::string> machines_of(const v1::Plant& plant) {
  std::set<std::string> machines;
  for (const auto& e : plant.equipment()) machines.insert(e.equipment_id());
  return machines;
}

planning::Freed freed_of(const state::v1::FreedList::Freed& f) {
  return {static_cast<planning::Freed::Kind>(f.kind()),
          f.id(),
          f.op_id(),
          from_micros(f.from()),
          from_micros(f.to()),
          from_micros(f.looked())};
}

std::vector<planning::Freed> freed_of(const PartStore& parts) {
  std::vector<planning::Freed> list;
  const auto add = [&](const std::string&, const state::v1::FreedList& part) {
    for (const auto& f : part.freed()) list.push_back(freed_of(f));
  };
  const PartsView<state::v1::FreedList> stored(parts);
  if (const auto* all = stored.find(kFreedPart); all != nullptr)
    add(kFreedPart, *all);
  else
    stored.each(add);
  return list;
}

// What differs from what is stored: parts that were changed, and what units that came and went did to the plan itself.
void follow_freed(planning::Plan& plan, const PartStore& parts, const PartStore& seen,
                  const std::set<PartStore::Name>& touched, const std::vector<planning::Freed>& unsaved) {
  const auto collection = parts.collection_of(state::v1::FreedList::descriptor());
  const PartsView<state::v1::FreedList> stored(parts), before(seen);
  if (stored.find(kFreedPart) != nullptr || before.find(kFreedPart) != nullptr) return plan.set_freed(freed_of(parts));
  const auto restore = [&](const std::string& name, planning::Freed gone) {
    const auto* part = stored.find(name);
    gone.to = gone.from;
    if (part == nullptr || part->freed().empty()) return plan.put_freed(gone);
    for (const auto& f : part->freed()) plan.put_freed(freed_of(f));
  };
  for (const auto& f : unsaved) restore(freed_name(f), f);
  for (auto it = touched.lower_bound({collection, {}}); it != touched.end() && it->first == collection; ++it) {
    const auto* part = stored.find(it->second);
    if (part == nullptr) part = before.find(it->second);
    if (part == nullptr) continue;
    for (const auto& f : part->freed()) restore(it->second, freed_of(f));
  }
}

// Puts a unit into the plan as it is stored. What does not hold together is its order's trouble, not the plant's.
void put_unit(Board& board, const PartStore& parts, const std::string& name, const Unit& unit) {
  const auto order_id = std::string(order_of(name));
  const auto* order = PartsView<Order>(parts).find(order_id);
  if (order == nullptr || !order->parked().empty() || !in_plan(unit)) {
    board.plan->remove(job_id(unit));
    return;
  }
  std::string why;
  try {
    const auto* line = find_line(*order, line_of(name));
    if (line == nullptr) throw std::logic_error("its line is missing");
    const auto status = board.plan->put(job_of(board.routing(*line), unit, *board.machines));
    why = status.ok() ? "" : status.to_string();
  } catch (const std::logic_error& error) {
    why = error.what();
  }
  if (why.empty()) return;
  board.plan->remove(job_id(unit));
  if (!board.broken.contains(order_id)) board.broken.set(order_id, "unit " + unit.unit_id() + ": " + why);
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

void follow_specs(Board& board, const PartStore& parts, const std::set<PartStore::Name>& touched) {
  const auto collection = parts.collection_of(ManufacturingSpec::descriptor());
  for (auto it = touched.lower_bound({collection, {}}); it != touched.end() && it->first == collection; ++it) {
    const auto* spec = PartsView<ManufacturingSpec>(parts).find(it->second);
    if (spec == nullptr)
      board.routings.erase(it->second);
    else if (!board.routings.contains(it->second))
      board.routings.set(it->second, std::make_shared<const Routing>(*spec));
  }
}

}  // namespace

const Routing& Board::routing(const Line& line) const {
  const auto* known = routings.find(line.spec_key());
  if (known == nullptr) throw std::logic_error("the spec of line " + line.line_id() + " is missing");
  return **known;
}

const v1::Plant& model_of(const PartStore& parts) {
  const auto* plant = PartsView<v1::Plant>(parts).find(kModelPart);
  if (plant == nullptr) throw std::logic_error("the plant was not published");
  return *plant;
}

planning::Job job_of(const Routing& routing, const Unit& unit, const std::set<std::string>& machines) {
  planning::Job job;
  job.demand = routing.demand_of(unit);
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

std::string freed_name(const planning::Freed& freed) {
  return std::to_string(static_cast<std::uint32_t>(freed.kind)) + "/" + freed.id + "/" + freed.op_id + "/" +
         std::to_string(micros(freed.from));
}

void replan(Board& board, const PartStore& parts) {
  auto model = plant_model(model_of(parts));
  board.machines = std::make_shared<const std::set<std::string>>(machines_of(model_of(parts)));
  board.broken.clear();
  keep_retired(model, parts);
  add_downs(model, parts);
  add_items(model, board, parts);
  auto plan = planning::Plan::make(model, {}, {});
  if (!plan) throw std::logic_error("a stored plant does not hold together: " + plan.status().to_string());
  board.plan = std::move(plan).value();
  PartsView<Unit>(parts).each([&](const std::string& name, const Unit& unit) {
    if (in_plan(unit)) put_unit(board, parts, name, unit);
  });
  board.plan->set_freed(freed_of(parts));
  (void)board.plan->take_unsaved();
}

std::unique_ptr<Board> make_board(const PlantState& state, const PartStore& parts) {
  auto board = std::make_unique<Board>();
  board->index = BoardIndex(parts);
  PartsView<ManufacturingSpec>(parts).each([&](const std::string& name, const ManufacturingSpec& spec) {
    board->routings.set(name, std::make_shared<const Routing>(spec));
  });
  // A plant that is stored as one message has no parts yet: its next step makes them.
  if (state.revision() > 0 && PartsView<v1::Plant>(parts).find(kModelPart) != nullptr) replan(*board, parts);
  return board;
}

void follow_step(Board& board, const PartStore& parts) {
  follow_specs(board, parts, parts.touched());
  board.index.follow(parts, parts.touched());
}

void follow_parts(Board& board, const PlantState& state, const PartStore& parts,
                  const std::vector<PartStore::Name>& changed) {
  const std::set<PartStore::Name> touched(changed.begin(), changed.end());
  if (!board.plan || touched.contains({parts.collection_of(v1::Plant::descriptor()), kModelPart})) {
    board = *make_board(state, parts);
    return;
  }
  const auto lead = lead_time(model_of(parts));
  auto& plan = *board.plan;
  std::map<std::string, bool> units;  // by name
  const auto seen = board.index.seen();
  follow_specs(board, parts, touched);
  board.index.follow(parts, touched);
  const auto is = [&](std::size_t collection, const google::protobuf::Descriptor* type) {
    return collection == parts.collection_of(type);
  };
  for (const auto& [collection, name] : touched) {
    if (is(collection, state::v1::Stock::descriptor())) {
      know_item(plan, parts, name, lead);
      follow_stock(plan, parts, name);
    }
    if (is(collection, state::v1::Inbound::descriptor())) {
      const auto slash = name.find('/');
      know_item(plan, parts, name.substr(0, slash), lead);
      follow_inbound(plan, parts, name.substr(0, slash), name.substr(slash + 1));
    }
    if (is(collection, Unit::descriptor())) units[name] = true;
    if (is(collection, Order::descriptor()))
      PartsView<Unit>(parts).each(name + "/", [&](const std::string& unit, const Unit&) { units[unit] = true; });
    if (is(collection, ManufacturingSpec::descriptor()))
      if (const auto* known = board.routings.find(name); known != nullptr)
        for (const auto& item : (*known)->spec().bom()) know_item(plan, parts, item.item().item_id(), lead);
    if (is(collection, state::v1::Down::descriptor())) {
      const auto* down = PartsView<state::v1::Down>(parts).find(name);
      const auto* before = PartsView<state::v1::Down>(seen).find(name);
      if (down != nullptr) (void)plan.set_down(down->equipment_id(), down_of(*down)).ok();
      if (down == nullptr && before != nullptr) (void)plan.set_down(before->equipment_id(), {name, {}, {}}).ok();
    }
  }
  for (const auto& [name, changed_unit] : units) {
    const auto* unit = PartsView<Unit>(parts).find(name);
    if (unit == nullptr) unit = PartsView<Unit>(seen).find(name);
    if (unit != nullptr) put_unit(board, parts, name, *unit);
  }
  // What leaving jobs gave back is as it is stored, too.
  auto unsaved = plan.take_unsaved();
  for (const auto& id : unsaved.items) follow_stock(plan, parts, id);
  for (const auto& [item, inbound] : unsaved.inbound) follow_inbound(plan, parts, item, inbound);
  const auto later = plan.take_unsaved();
  unsaved.freed.insert(unsaved.freed.end(), later.freed.begin(), later.freed.end());
  follow_freed(plan, parts, seen, touched, unsaved.freed);
}

}  // namespace loomline::scheduling::domain
