#include "loomline/planning/plan.hpp"

#include <algorithm>
#include <set>

#include "plan_state.hpp"
#include "slot_search.hpp"

namespace loomline::planning {
namespace {

Status no_job(std::string_view job_id) {
  return not_found("JOB_UNKNOWN", "The plan has no job " + std::string(job_id.substr(0, 80)) + ".");
}

// The index of an operation; npos where there is none.
std::size_t index_of(const Job& job, std::string_view op_id) {
  for (std::size_t i = 0; i < job.operations.size(); ++i)
    if (job.operations[i].op_id == op_id) return i;
  return std::string::npos;
}

void release_of(PlanState& state, Job& job, std::string_view op_id) {
  for (const auto& r : job.reservations)
    if (r.op_id == op_id) state.release(r);
  std::erase_if(job.reservations, [&](const Reservation& r) { return r.op_id == op_id; });
}

// Material leaves the store: what was promised becomes what was taken.
void issue(PlanState& state, Job& job, const Operation& op) {
  release_of(state, job, op.op_id);
  for (const auto& need : op.materials) {
    auto& stock = state.write_item(need.item);
    stock.item.on_hand -= need.quantity;
    stock.ledger.set_on_hand(stock.item.on_hand);
  }
}

// Planned purchases of a job that nobody relies on are not made.
void drop_purchases(PlanState& state, std::string_view job_id) {
  const auto prefix = "buy:" + std::string(job_id) + ":";
  std::vector<std::pair<std::string, Inbound>> drop;
  for (const auto& [id, stock] : *state.items)
    for (const auto& in : stock->item.inbound)
      if (in.planned && in.id.starts_with(prefix)) drop.emplace_back(id, in);
  for (const auto& [id, in] : drop) {
    if (state.item(id)->ledger.available(in.due) < in.quantity) continue;
    auto& stock = state.write_item(id);
    stock.ledger.add(in.due, -in.quantity);
    std::erase(stock.item.inbound, in);
  }
}

// Puts a stored job back into a fresh state.
Status restore(PlanState& state, const Job& job) {
  if (auto status = validate(job.demand); !status.ok()) return status;
  if (auto status = state.knows(job.demand); !status.ok()) return status;
  if (job.operations.size() != job.demand.operations.size())
    return invalid("jobs[" + job.demand.job_id + "].operations", "do not match the demand",
                   "store a job as it was read");
  for (std::size_t i = 0; i < job.operations.size(); ++i) {
    const auto& placed = job.operations[i];
    const auto& op = job.demand.operations[i];
    if (placed.op_id != op.op_id || (!placed.machine.empty() && state.machine(placed.machine) == nullptr) ||
        (op.operators > 0 && state.crew(op.operator_class) == nullptr))
      return invalid("jobs[" + job.demand.job_id + "].operations[" + placed.op_id + "]",
                     "names what the plant does not have", "keep machines and crews until their work has ended");
    state.book(job.demand.job_id, op, placed);
  }
  for (const auto& r : job.reservations) {
    if (state.item(r.item) == nullptr)
      return invalid("jobs[" + job.demand.job_id + "].reservations", "name an item that the plant does not have",
                     "keep items while they are reserved");
    state.reserve(r);
  }
  state.jobs.write().insert_or_assign(job.demand.job_id, Cow(job));
  return {};
}

}  // namespace

Plan::Plan(std::unique_ptr<PlanState> state) : state_(std::move(state)) {}
Plan::Plan(const Plan& other) : state_(std::make_unique<PlanState>(*other.state_)) {}
Plan& Plan::operator=(const Plan& other) {
  if (this != &other) state_ = std::make_unique<PlanState>(*other.state_);
  return *this;
}
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

Result<Plan> Plan::make(const Plant& plant, const std::vector<Job>& jobs) {
  auto state = PlanState::make(plant);
  if (!state) return state.status();
  for (const auto& job : jobs)
    if (auto status = restore(*state, job); !status.ok()) return status;
  return Plan(std::make_unique<PlanState>(*std::move(state)));
}

Plant Plan::plant() const {
  Plant plant{state_->plant_id, state_->calendar_id, {}, {}, {}, {}};
  for (const auto& [id, calendar] : *state_->calendars) plant.calendars.push_back(calendar->spec());
  for (const auto& [id, machine] : *state_->machines) plant.machines.push_back(machine->machine);
  for (const auto& [id, crews] : *state_->operators)
    plant.crews.insert(plant.crews.end(), crews->crews.begin(), crews->crews.end());
  std::sort(plant.crews.begin(), plant.crews.end(), [](const Crew& a, const Crew& b) { return a.id < b.id; });
  for (const auto& [id, stock] : *state_->items) plant.items.push_back(stock->item);
  return plant;
}

std::vector<Job> Plan::jobs() const {
  std::vector<Job> jobs;
  for (const auto& [id, job] : *state_->jobs) jobs.push_back(*job);
  return jobs;
}

const Job* Plan::find(std::string_view job_id) const { return state_->job(job_id); }

bool Plan::remove(std::string_view job_id) {
  const auto* found = state_->job(job_id);
  if (found == nullptr) return false;
  const Job job = *found;
  for (std::size_t i = 0; i < job.operations.size(); ++i)
    state_->unbook(job_id, job.demand.operations[i], job.operations[i]);
  for (const auto& r : job.reservations) state_->release(r);
  auto& jobs = state_->jobs.write();
  jobs.erase(jobs.find(job_id));
  drop_purchases(*state_, job_id);
  return true;
}

std::size_t Plan::remove_unstarted(std::string_view job_id) {
  if (state_->job(job_id) == nullptr) return 0;
  auto& job = state_->write_job(job_id);
  std::set<std::string> gone;
  for (std::size_t i = job.operations.size(); i-- > 0;) {
    const auto op = job.operations[i];
    if (op.state == OperationState::running || op.state == OperationState::ended) continue;
    state_->unbook(job_id, job.demand.operations[i], op);
    release_of(*state_, job, op.op_id);
    job.operations.erase(job.operations.begin() + static_cast<std::ptrdiff_t>(i));
    job.demand.operations.erase(job.demand.operations.begin() + static_cast<std::ptrdiff_t>(i));
    gone.insert(op.op_id);
  }
  for (auto& op : job.demand.operations)
    std::erase_if(op.predecessors, [&](const std::string& p) { return gone.contains(p); });
  drop_purchases(*state_, job_id);
  if (job.operations.empty()) state_->jobs.write().erase(std::string(job_id));
  return gone.size();
}

Status Plan::insert_operations(std::string_view job_id, const std::vector<Operation>& operations,
                               const std::vector<std::string>& before) {
  const auto* found = state_->job(job_id);
  if (found == nullptr) return no_job(job_id);
  auto job = *found;
  for (const auto& op : operations) {
    job.demand.operations.push_back(op);
    job.operations.push_back({op.op_id, OperationState::unplaced, {}, kNever, kNever, {}, {}});
  }
  for (const auto& id : before) {
    const auto i = index_of(job, id);
    if (i == std::string::npos)
      return invalid("before[" + id + "]", "is no operation of the job", "name one of its own");
    if (job.operations[i].state == OperationState::running || job.operations[i].state == OperationState::ended)
      continue;
    for (const auto& op : operations) job.demand.operations[i].predecessors.push_back(op.op_id);
  }
  if (auto status = validate(job.demand); !status.ok()) return status;
  if (auto status = state_->knows(job.demand); !status.ok()) return status;
  state_->write_job(job_id) = std::move(job);
  return {};
}

Status Plan::report_start(std::string_view job_id, std::string_view op_id, std::string_view machine, Time at) {
  const auto* found = state_->job(job_id);
  if (found == nullptr) return no_job(job_id);
  const auto i = index_of(*found, op_id);
  if (i == std::string::npos) return not_found("OPERATION_UNKNOWN", "The job has no such operation.");
  const auto* on = state_->machine(machine);
  if (!machine.empty() && on == nullptr) return not_found("EQUIPMENT_UNKNOWN", "The plant has no such machine.");
  if (found->operations[i].state == OperationState::ended) return {};
  if (found->operations[i].state == OperationState::running && found->operations[i].start == at &&
      found->operations[i].machine == machine)
    return {};
  auto& job = state_->write_job(job_id);
  const auto& op = job.demand.operations[i];
  auto& placed = job.operations[i];
  state_->unbook(job_id, op, placed);
  if (placed.state != OperationState::running) issue(*state_, job, op);
  // What runs, runs: it began at `at` even where the calendar rests.
  const auto run = run_from(*state_, on, op, at);
  const auto finish = run ? run->finish : at + duration_of(op);
  placed = {op.op_id,
            OperationState::running,
            std::string(machine),
            at,
            finish,
            run ? run->work : std::vector<Interval>{{at, finish}},
            placed.expected};
  state_->book(job_id, op, placed);
  return {};
}

Status Plan::report_end(std::string_view job_id, std::string_view op_id, Time at) {
  const auto* found = state_->job(job_id);
  if (found == nullptr) return no_job(job_id);
  const auto i = index_of(*found, op_id);
  if (i == std::string::npos) return not_found("OPERATION_UNKNOWN", "The job has no such operation.");
  if (found->operations[i].state == OperationState::ended) return {};
  auto& job = state_->write_job(job_id);
  const auto& op = job.demand.operations[i];
  auto& placed = job.operations[i];
  state_->unbook(job_id, op, placed);
  if (placed.state != OperationState::running) issue(*state_, job, op);
  const auto start = std::min(placed.start, at);
  placed = {op.op_id, OperationState::ended, placed.machine, start, at, {}, {}};
  return {};
}

Status Plan::expect_finish(std::string_view job_id, std::string_view op_id, Time finish) {
  const auto* found = state_->job(job_id);
  if (found == nullptr) return no_job(job_id);
  const auto i = index_of(*found, op_id);
  if (i == std::string::npos) return not_found("OPERATION_UNKNOWN", "The job has no such operation.");
  if (found->operations[i].state != OperationState::running)
    return failed_precondition("OPERATION_NOT_RUNNING", "Only a running operation has an expected finish.");
  state_->write_job(job_id).operations[i].expected = finish;
  return {};
}

Status Plan::set_down(std::string_view machine, const Down& down) {
  if (state_->machine(machine) == nullptr) return not_found("EQUIPMENT_UNKNOWN", "The plant has no such machine.");
  auto& downs = state_->write_machine(machine).machine.downs;
  std::erase_if(downs, [&](const Down& d) { return d.id == down.id; });
  if (down.period.begin < down.period.end) downs.push_back(down);  // a breakdown that never was leaves nothing
  std::sort(downs.begin(), downs.end(),
            [](const Down& a, const Down& b) { return std::tie(a.period, a.id) < std::tie(b.period, b.id); });
  return {};
}

Status Plan::receive(std::string_view item, std::string_view inbound_id, std::int64_t quantity) {
  if (state_->item(item) == nullptr) return not_found("ITEM_UNKNOWN", "The plant has no such item.");
  auto& stock = state_->write_item(item);
  std::erase_if(stock.item.inbound, [&](const Inbound& in) {
    if (in.id != inbound_id) return false;
    stock.ledger.add(in.due, -in.quantity);
    return true;
  });
  stock.item.on_hand += quantity;
  stock.ledger.set_on_hand(stock.item.on_hand);
  return {};
}

Status Plan::set_inbound(std::string_view item, const Inbound& inbound) {
  if (auto status = receive(item, inbound.id, 0); !status.ok()) return status;
  if (inbound.quantity > 0) state_->add_inbound(std::string(item), inbound);
  return {};
}

Status Plan::set_on_hand(std::string_view item, std::int64_t quantity) {
  if (state_->item(item) == nullptr) return not_found("ITEM_UNKNOWN", "The plant has no such item.");
  auto& stock = state_->write_item(item);
  stock.item.on_hand = quantity;
  stock.ledger.set_on_hand(quantity);
  return {};
}

Status Plan::replace_plant(const Plant& plant, bool replace_stock) {
  auto next = plant;
  if (!replace_stock)
    for (auto& item : next.items)
      if (const auto* known = state_->item(item.id)) {
        item.on_hand = known->item.on_hand;
        item.inbound = known->item.inbound;
      }
  auto made = make(next, jobs());
  if (!made) return made.status();
  *this = *std::move(made);
  return {};
}

std::int64_t Plan::available(std::string_view item, Time at) const {
  const auto* stock = state_->item(item);
  return stock == nullptr ? 0 : stock->ledger.available(at);
}

}  // namespace loomline::planning
