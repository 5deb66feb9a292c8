#include "loomline/planning/plan.hpp"

#include <algorithm>

#include "plan_state.hpp"
#include "soundness.hpp"

namespace loomline::planning {

Plan::Plan(std::unique_ptr<PlanState> state) : state_(std::move(state)) {}
Plan::Plan(const Plan& other) : state_(std::make_unique<PlanState>(*other.state_)) {}
Plan& Plan::operator=(const Plan& other) {
  if (this != &other) state_ = std::make_unique<PlanState>(*other.state_);
  return *this;
}
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

Result<Plan> Plan::make(const Plant& plant, const std::vector<Job>& jobs) { return make(plant, jobs, {Freed{}}); }

Result<Plan> Plan::make(const Plant& plant, const std::vector<Job>& jobs, const std::vector<Freed>& freed) {
  auto state = PlanState::make(plant);
  if (!state) return state.status();
  for (const auto& job : jobs) {
    if (auto status = check_stored(*state, job); !status.ok()) return status;
    if (const auto* known = state->record(job.demand.job_id)) state->drop_job(known->name.get());
    state->add_job(JobRecord(job));
  }
  for (const auto& job : jobs) state->learn(job);
  examine_all(*state);
  Plan plan(std::make_unique<PlanState>(*std::move(state)));
  plan.set_freed(freed);
  (void)plan.take_unsaved();
  return plan;
}

Plant Plan::plant() const {
  Plant plant{state_->frame->plant_id(),          state_->frame->calendar_id(), {}, {}, {}, {},
              state_->frame->allowance_permille()};
  for (const auto& [id, calendar] : state_->frame->calendars()) plant.calendars.push_back(calendar->spec());
  for (const auto [id, machine] : state_->machines) plant.machines.push_back(*machine->machine);
  for (const auto& [id, presence] : state_->frame->crews())
    plant.crews.insert(plant.crews.end(), presence->crews().begin(), presence->crews().end());
  std::sort(plant.crews.begin(), plant.crews.end(), [](const Crew& a, const Crew& b) { return a.id < b.id; });
  for (const auto [id, stock] : state_->items) plant.items.push_back(*find_item(id));
  return plant;
}

std::vector<Job> Plan::jobs() const {
  std::vector<Job> jobs;
  jobs.reserve(size());
  each_job([&](const Job& job) { jobs.push_back(job); });
  return jobs;
}

std::vector<Freed> Plan::freed() const { return state_->marks.freed.list(); }
std::size_t Plan::size() const { return state_->names.size(); }

const Job* Plan::find(std::string_view job_id) const {
  const auto* record = state_->record(job_id);
  return record == nullptr ? nullptr : &record->job;
}

const Machine* Plan::find_machine(std::string_view id) const {
  const auto* found = state_->machine(id);
  return found == nullptr ? nullptr : found->machine.get();
}

std::optional<Item> Plan::find_item(std::string_view id) const {
  const auto* stock = state_->item(id);
  if (stock == nullptr) return std::nullopt;
  Item item{std::string(id), stock->ledger.on_hand(), stock->lead_time, {}};
  for (const auto [inbound_id, inbound] : stock->inbound) item.inbound.push_back(inbound);
  return item;
}

std::optional<std::int64_t> Plan::on_hand(std::string_view item) const {
  const auto* stock = state_->item(item);
  return stock == nullptr ? std::nullopt : std::optional(stock->ledger.on_hand());
}

std::optional<Inbound> Plan::find_inbound(std::string_view item, std::string_view inbound_id) const {
  const auto* stock = state_->item(item);
  const auto* found = stock == nullptr ? nullptr : stock->inbound.find(inbound_id);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

void Plan::each_job(const std::function<void(const Job&)>& visit) const {
  state_->each_record([&](const JobRecord& record) { visit(record.job); });
}

std::vector<Listed> Plan::starting(Time from, Time to, std::size_t most) const {
  std::vector<Listed> list;
  for (auto it = state_->starts.lower_bound(When{from, {}});
       it != state_->starts.end() && it.key().at < to && list.size() < most; ++it)
    list.push_back({*it.key().op.job, state_->record(it.key().op).job.operations[it.key().op.index]});
  return list;
}

std::vector<Listed> Plan::booked(std::string_view machine, Time from, Time to, std::size_t most) const {
  std::vector<Listed> list;
  const auto* on = state_->machine(machine);
  if (on == nullptr) return list;
  on->timeline.each_while({from, to}, [&](const Booking& b) {
    if (list.size() == most) return false;
    list.push_back({*b.op.job, state_->record(b.op).job.operations[b.op.index]});
    return true;
  });
  return list;
}

Unsaved Plan::take_unsaved() {
  Unsaved unsaved;
  auto& marks = state_->marks;
  for (const auto [id, nothing] : marks.jobs) unsaved.jobs.push_back(id);
  for (const auto [id, nothing] : marks.stock) unsaved.items.push_back(id);
  for (const auto [id, nothing] : marks.inbound) unsaved.inbound.push_back(id);
  for (const auto [id, nothing] : marks.machines) unsaved.machines.push_back(id);
  unsaved.freed = marks.freed.take_changed();
  marks.jobs = {};
  marks.stock = {};
  marks.inbound = {};
  marks.machines = {};
  return unsaved;
}

std::uint64_t Plan::relief(const Demand& demand, std::string_view reason) const {
  auto relief = state_->relief;
  const auto add_machines = [&](const Operation& op) {
    if (const auto* ids = state_->frame->machines(op.equipment_class))
      for (const auto& id : *ids) relief += state_->machine(id)->relief;
    if (const auto* crew = state_->crew(op.operator_class)) relief += crew->relief;
  };
  for (const auto& op : demand.operations) {
    if (reason == "NO_WINDOW") add_machines(op);
    if (reason != "NO_MATERIAL") continue;
    for (const auto& need : op.materials)
      if (const auto* item = state_->item(need.item)) relief += item->relief;
  }
  return relief;
}

std::int64_t Plan::available(std::string_view item, Time at) const {
  const auto* stock = state_->item(item);
  return stock == nullptr ? 0 : stock->ledger.available(at);
}

}  // namespace loomline::planning
