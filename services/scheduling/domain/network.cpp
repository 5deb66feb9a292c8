#include "domain/network.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "domain/plant_model.hpp"

namespace loomline::scheduling::domain {
namespace {

// Coefficient of variation of an operation whose product does not say better: between the 0.1 of paced assembly and the
// 0.3 of manual rework that Hopp and Spearman (Factory Physics, chapter 8) call low variability.
constexpr double kVariation = 0.2;
constexpr std::int64_t kMostPieces = 1000;

planning::Operation to_plan(const production::v1::Operation& op) {
  planning::Operation out;
  out.op_id = op.op_id();
  out.predecessors.assign(op.predecessors().begin(), op.predecessors().end());
  out.equipment_class = op.equipment_class();
  out.operator_class = op.operator_class();
  out.operators = op.operator_class().empty() ? 0 : 1;
  out.setup = std::chrono::seconds(op.setup_seconds());
  out.run = std::chrono::seconds(op.run_seconds());
  out.interruptible = !op.uninterrupted();
  out.variation = kVariation;
  return out;
}

std::vector<planning::Operation> routing(const ManufacturingSpec& spec) {
  std::vector<planning::Operation> operations;
  for (const auto& op : spec.operations()) operations.push_back(to_plan(op));
  return operations;
}

// What one operation of the routing takes from the store.
std::vector<planning::Need> needs(const ManufacturingSpec& spec, const std::string& op_id, bool first) {
  std::map<std::string, std::int64_t> sums;
  for (const auto& item : spec.bom())
    if (item.op_id() == op_id || (first && item.op_id().empty()))
      sums[item.item().item_id()] += in_millionths(item.quantity()).value_or(0);
  std::vector<planning::Need> list;
  for (const auto& [id, quantity] : sums)
    if (quantity > 0) list.push_back({id, quantity});
  return list;
}

Operation new_operation(const std::string& op_id, const std::string& prefix, std::uint32_t attempt) {
  Operation op;
  op.set_op_id(op_id);
  op.set_plan_op_id(prefix + op_id);
  op.set_attempt(attempt);
  op.set_in_plan(true);
  move(op, production::v1::OPERATION_STATE_NOT_ALLOWED);
  return op;
}

}  // namespace

Status check_spec(const ManufacturingSpec& spec, std::int64_t quantity) {
  if (quantity < 1 || quantity > kMostPieces)
    return invalid("quantity", "is not from 1 to 1000", "order up to 1000 pieces a line");
  if (auto status = planning::validate(planning::Demand{"line", {}, routing(spec)}); !status.ok()) return status;
  std::map<std::string, std::string> units;
  for (int i = 0; i < spec.bom_size(); ++i) {
    const auto& item = spec.bom(i);
    const auto field = "spec.bom[" + std::to_string(i) + "]";
    if (!in_millionths(item.quantity()))
      return invalid(field + ".quantity", "cannot be counted", "give at most six decimal places");
    if (!item.op_id().empty() && find_operation(spec, item.op_id()) == nullptr)
      return invalid(field + ".op_id", "names no operation of the routing", "name one, or leave it empty");
    const auto [it, fresh] = units.emplace(item.item().item_id(), item.quantity().unit());
    if (!fresh && it->second != item.quantity().unit())
      return invalid(field + ".quantity.unit", "differs from another line of the same item", "use one unit an item");
  }
  return {};
}

const production::v1::Operation* find_operation(const ManufacturingSpec& spec, std::string_view op_id) {
  for (const auto& op : spec.operations())
    if (op.op_id() == op_id) return &op;
  return nullptr;
}

std::vector<const production::v1::Operation*> in_order(const ManufacturingSpec& spec) {
  std::vector<const production::v1::Operation*> list;
  for (const auto i : planning::topological_order(routing(spec))) list.push_back(&spec.operations(static_cast<int>(i)));
  return list;
}

WorkOrder make_work_order(const ManufacturingSpec& spec, std::string id) {
  WorkOrder order;
  order.set_work_order_id(std::move(id));
  order.set_revision(1);
  order.set_kind(production::v1::WORK_ORDER_KIND_MAKE);
  move(order, production::v1::WORK_ORDER_STATE_OFFERED);
  for (const auto* routed : in_order(spec)) {
    auto op = new_operation(routed->op_id(), "", 1);
    *op.mutable_plan_predecessors() = routed->predecessors();
    op.set_needs_material(true);
    *order.add_operations() = std::move(op);
  }
  return order;
}

WorkOrder rework_order(const ManufacturingSpec& spec, std::string id, const Operation& inspected,
                       const std::vector<std::string>& op_ids, int number) {
  WorkOrder order;
  order.set_work_order_id(std::move(id));
  order.set_revision(1);
  order.set_kind(production::v1::WORK_ORDER_KIND_REWORK);
  move(order, production::v1::WORK_ORDER_STATE_OFFERED);
  const auto prefix = "r" + std::to_string(number) + ":";
  std::set<std::string> wanted(op_ids.begin(), op_ids.end());
  wanted.erase(inspected.op_id());
  std::vector<std::string> chain;
  for (const auto* op : in_order(spec))
    if (wanted.contains(op->op_id())) chain.push_back(op->op_id());
  chain.push_back(inspected.op_id());
  auto before = inspected.plan_op_id();
  for (const auto& op_id : chain) {
    auto op = new_operation(op_id, prefix, inspected.attempt() + 1);
    op.add_plan_predecessors(before);
    before = op.plan_op_id();
    *order.add_operations() = std::move(op);
  }
  return order;
}

std::string job_id(const Unit& unit) {
  const auto digits = std::to_string(unit.number());
  return "u" + std::string(12 - std::min<std::size_t>(12, digits.size()), '0') + digits;
}

planning::Demand demand_of(const ManufacturingSpec& spec, const Unit& unit) {
  planning::Demand demand{job_id(unit), from_micros(unit.earliest()), {}};
  const auto order = in_order(spec);
  const auto first = order.empty() ? std::string() : order.front()->op_id();
  std::set<std::string> present;
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (op.in_plan()) present.insert(op.plan_op_id());
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations()) {
      if (!op.in_plan()) continue;
      const auto* routed = find_operation(spec, op.op_id());
      if (routed == nullptr) throw std::logic_error("operation " + op.op_id() + " is not in the routing");
      auto planned = to_plan(*routed);
      planned.op_id = op.plan_op_id();
      planned.predecessors.clear();
      for (const auto& p : op.plan_predecessors())
        if (present.contains(p)) planned.predecessors.push_back(p);
      if (op.needs_material()) planned.materials = needs(spec, op.op_id(), op.op_id() == first);
      demand.operations.push_back(std::move(planned));
    }
  return demand;
}

}  // namespace loomline::scheduling::domain
