#include "domain/routing.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <map>
#include <set>

#include "domain/plant_model.hpp"
#include "domain/unit_facts.hpp"
#include "loomline/base/hash.hpp"

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

bool has_operation(const ManufacturingSpec& spec, std::string_view op_id) {
  return std::any_of(spec.operations().begin(), spec.operations().end(),
                     [&](const auto& op) { return op.op_id() == op_id; });
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
    if (!item.op_id().empty() && !has_operation(spec, item.op_id()))
      return invalid(field + ".op_id", "names no operation of the routing", "name one, or leave it empty");
    const auto [it, fresh] = units.emplace(item.item().item_id(), item.quantity().unit());
    if (!fresh && it->second != item.quantity().unit())
      return invalid(field + ".quantity.unit", "differs from another line of the same item", "use one unit an item");
  }
  return {};
}

std::string key_of(const ManufacturingSpec& spec) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);  // texts in several languages are a map
    spec.SerializeToCodedStream(&out);
  }
  return sha256_hex(bytes).substr(0, 32);
}

Routing::Routing(ManufacturingSpec spec) : spec_(std::move(spec)) {
  const auto operations = routing(spec_);
  if (planning::validate(planning::Demand{"line", {}, operations}).ok())
    for (const auto i : planning::topological_order(operations)) order_.push_back(operations[i].op_id);
  for (int i = 0; i < spec_.operations_size(); ++i) {
    auto& step = steps_[spec_.operations(i).op_id()];
    step.index = i;
    step.to_do = operations[static_cast<std::size_t>(i)];
    step.to_do.predecessors.clear();
    step.to_do.materials = needs(spec_, step.to_do.op_id, !order_.empty() && step.to_do.op_id == order_.front());
  }
}

const production::v1::Operation& Routing::at(std::string_view op_id) const {
  const auto it = steps_.find(op_id);
  if (it == steps_.end()) throw std::logic_error("operation " + std::string(op_id) + " is not in the routing");
  return spec_.operations(it->second.index);
}

WorkOrder Routing::make_work_order(std::string id) const {
  WorkOrder order;
  order.set_work_order_id(std::move(id));
  order.set_revision(1);
  order.set_kind(production::v1::WORK_ORDER_KIND_MAKE);
  for (const auto& op_id : order_) {
    auto op = new_operation(op_id, "", 1);
    *op.mutable_plan_predecessors() = at(op_id).predecessors();
    op.set_needs_material(true);
    *order.add_operations() = std::move(op);
  }
  return order;
}

WorkOrder Routing::rework_order(std::string id, const Operation& inspected, const std::vector<std::string>& op_ids,
                                int number) const {
  WorkOrder order;
  order.set_work_order_id(std::move(id));
  order.set_revision(1);
  order.set_kind(production::v1::WORK_ORDER_KIND_REWORK);
  move(order, production::v1::WORK_ORDER_STATE_OFFERED);
  const auto prefix = "r" + std::to_string(number) + ":";
  std::set<std::string> wanted(op_ids.begin(), op_ids.end());
  wanted.erase(inspected.op_id());
  std::vector<std::string> chain;
  for (const auto& op_id : order_)
    if (wanted.contains(op_id)) chain.push_back(op_id);
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

planning::Demand Routing::demand_of(const Unit& unit) const {
  planning::Demand demand{job_id(unit), from_micros(unit.earliest()), {}};
  std::set<std::string_view> present;
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (op.in_plan()) present.insert(op.plan_op_id());
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations()) {
      if (!op.in_plan()) continue;
      const auto it = steps_.find(op.op_id());
      if (it == steps_.end()) throw std::logic_error("operation " + op.op_id() + " is not in the routing");
      auto planned = it->second.to_do;
      planned.op_id = op.plan_op_id();
      for (const auto& p : op.plan_predecessors())
        if (present.contains(p)) planned.predecessors.push_back(p);
      if (!op.needs_material()) planned.materials.clear();
      demand.operations.push_back(std::move(planned));
    }
  return demand;
}

}  // namespace loomline::scheduling::domain
