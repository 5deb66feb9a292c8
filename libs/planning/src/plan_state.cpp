#include "plan_state.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace loomline::planning {
namespace {

Machine in_order(Machine machine) {
  std::sort(machine.downs.begin(), machine.downs.end(),
            [](const Down& a, const Down& b) { return std::tie(a.period, a.id) < std::tie(b.period, b.id); });
  return machine;
}

}  // namespace

Network::Network(const std::vector<Operation>& operations)
    : predecessors(operations.size()), followers(operations.size()) {
  std::map<std::string_view, std::uint32_t> index;
  for (std::size_t i = 0; i < operations.size(); ++i) index[operations[i].op_id] = static_cast<std::uint32_t>(i);
  for (std::size_t i = 0; i < operations.size(); ++i)
    for (const auto& p : operations[i].predecessors) {
      predecessors[i].push_back(index.at(p));
      followers[index.at(p)].push_back(static_cast<std::uint32_t>(i));
    }
}

JobRecord::JobRecord(Job j, std::shared_ptr<const std::string> n)
    : name(n != nullptr ? std::move(n) : std::make_shared<const std::string>(j.demand.job_id)),
      job(std::move(j)),
      network(std::make_shared<const Network>(job.demand.operations)) {}

std::size_t JobRecord::index_of(std::string_view op_id) const {
  for (std::size_t i = 0; i < job.operations.size(); ++i)
    if (job.operations[i].op_id == op_id) return i;
  return std::string::npos;
}

Time JobRecord::ready(std::size_t i, Time from) const {
  Time at = std::max(from, job.demand.earliest);
  for (const auto k : network->predecessors[i])
    at = std::max(at, later(job.operations[k].finish, job.demand.operations[k].lag));
  return at;
}

bool JobRecord::reserved(std::size_t i, const std::string& item) const {
  const auto& op_id = job.operations[i].op_id;
  return std::any_of(job.reservations.begin(), job.reservations.end(),
                     [&](const Reservation& r) { return r.op_id == op_id && r.item == item; });
}

Result<PlanState> PlanState::make(const Plant& plant, std::shared_ptr<const Frame> frame) {
  if (auto status = validate(plant); !status.ok()) return status;
  PlanState state;
  state.frame = frame != nullptr ? std::move(frame) : std::make_shared<const Frame>(plant, nullptr);
  for (const auto& machine : plant.machines) {
    MachineState made{std::make_shared<const Machine>(in_order(machine)),
                      state.frame->calendars().at(machine.calendar),
                      {},
                      Load(machine.capacity)};
    state.machines.set(machine.id, Cow(std::move(made)));
  }
  for (const auto& [name, presence] : state.frame->crews())
    state.operators.set(name, Cow(OperatorState{presence, {}, Load(presence)}));
  for (const auto& item : plant.items) {
    ItemState made{item.lead_time, {}, {}};
    made.ledger.set_on_hand(item.on_hand);
    state.items.set(item.id, Cow(std::move(made)));
    for (const auto& in : item.inbound) state.add_inbound(item.id, in);
  }
  state.marks = {};
  return state;
}

const MachineState* PlanState::machine(std::string_view id) const {
  const auto* found = machines.find(id);
  return found == nullptr ? nullptr : &**found;
}
const OperatorState* PlanState::crew(std::string_view operator_class) const {
  const auto* found = operators.find(operator_class);
  return found == nullptr ? nullptr : &**found;
}
const ItemState* PlanState::item(std::string_view id) const {
  const auto* found = items.find(id);
  return found == nullptr ? nullptr : &**found;
}
const JobRecord* PlanState::record(std::string_view id) const {
  const auto found = names.lower_bound(id);
  return found == names.end() || *found.key() != id ? nullptr : &**records.find(found.key());
}

JobRecord& PlanState::write(JobName job) {
  marks.jobs.set(*job, {});
  return records.edit(job)->write();
}

void PlanState::add_inbound(const std::string& id, const Inbound& inbound) {
  auto& stock = write_item(id);
  stock.inbound.set(inbound.id, inbound);
  stock.ledger.supply(inbound.due, inbound.quantity);
  if (inbound.planned) purchases.set({inbound.id, id}, {});
  marks.inbound.set({id, inbound.id}, {});
}

void PlanState::drop_inbound(const std::string& id, const std::string& inbound_id) {
  auto& stock = write_item(id);
  const auto* known = stock.inbound.find(inbound_id);
  if (known == nullptr) return;
  stock.ledger.supply(known->due, -known->quantity);
  if (known->planned) purchases.erase(std::pair(inbound_id, id));
  stock.inbound.erase(inbound_id);
  marks.items.set(id, {});
  marks.inbound.set({id, inbound_id}, {});
}

void PlanState::set_on_hand(const std::string& id, std::int64_t quantity) {
  write_item(id).ledger.set_on_hand(quantity);
  marks.items.set(id, {});
  marks.stock.set(id, {});
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
