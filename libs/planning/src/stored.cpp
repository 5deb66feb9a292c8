// What comes from the stored form, and the plant.
#include <set>
#include <utility>

#include "plan_state.hpp"
#include "soundness.hpp"

namespace loomline::planning {
namespace {

void doubt_all(PlanState& state, const Timeline& timeline) {
  timeline.each_booking([&](const Booking& b) { state.suspect(b.op); });
}

// Takes over what the machines of `next`, a compiled plant, say.
void replace_machines(PlanState& state, const PlanState& next) {
  const auto before = state.machines;
  for (const auto [id, machine] : before)
    if (next.machine(id) == nullptr) state.machines.erase(id);
  for (const auto [id, machine] : next.machines) {
    const auto* known = state.machine(id);
    if (known != nullptr && *known->machine == *machine->machine && known->calendar == machine->calendar) continue;
    if (known == nullptr) {
      state.machines.set(id, machine);
    } else {
      auto& write = state.write_machine(id);
      if (write.machine->capacity != machine->machine->capacity || write.calendar != machine->calendar)
        write.load.set_capacity(machine->machine->capacity);
      write.machine = machine->machine;
      write.calendar = machine->calendar;
    }
    doubt_all(state, state.machine(id)->timeline);
    state.marks.freed.add({Freed::Kind::machine, id, {}, Time::min(), kNever, Time::min()});
  }
}

void replace_crews(PlanState& state, const PlanState& next) {
  const auto before = state.operators;
  for (const auto [name, crew] : before)
    if (next.crew(name) == nullptr) state.operators.erase(name);
  for (const auto [name, crew] : next.operators) {
    const auto* known = state.crew(name);
    if (known != nullptr && known->presence == crew->presence) continue;
    if (known == nullptr) {
      state.operators.set(name, crew);
    } else {
      auto& write = state.write_crew(name);
      write.presence = crew->presence;
      write.load.set_presence(crew->presence);
    }
    doubt_all(state, state.crew(name)->attended);
    state.marks.freed.add({Freed::Kind::operators, name, {}, Time::min(), kNever, Time::min()});
  }
}

// Other working hours: what was known of gaps is of no use, and anything may not stand any more.
void replace_hours(PlanState& state) {
  const auto machines = state.machines;
  for (const auto [id, machine] : machines) state.write_machine(id).load.set_capacity(machine->machine->capacity);
  const auto operators = state.operators;
  for (const auto [name, crew] : operators) state.write_crew(name).load.set_presence(crew->presence);
  examine_all(state);
}

// invalid_argument where a job has to do with what the plant no longer has.
Status check_all(const PlanState& state, const PlanState& next) {
  bool gone = false;
  for (const auto [id, machine] : state.machines) gone = gone || next.machine(id) == nullptr;
  for (const auto [name, crew] : state.operators) gone = gone || next.crew(name) == nullptr;
  for (const auto [id, item] : state.items) gone = gone || next.item(id) == nullptr;
  if (!gone) return {};
  Status status;
  state.each_record([&](const JobRecord& record) {
    if (status.ok()) status = check_stored(next, record.job);
  });
  return status;
}

void replace_stock_of(PlanState& state, const Item& item) {
  if (state.item(item.id) == nullptr) state.items.set(item.id, Cow(ItemState{}));
  state.write_item(item.id).lead_time = item.lead_time;
  const auto before = state.item(item.id)->inbound;
  for (const auto [id, inbound] : before) state.drop_inbound(item.id, id);
  for (const auto& inbound : item.inbound) state.add_inbound(item.id, inbound);
  state.set_on_hand(item.id, item.on_hand);
  ++state.write_item(item.id).relief;
}

void replace_items(PlanState& state, const Plant& plant, bool replace_stock) {
  std::set<std::string_view> ids;
  for (const auto& item : plant.items) {
    ids.insert(item.id);
    if (replace_stock || state.item(item.id) == nullptr)
      replace_stock_of(state, item);
    else if (state.item(item.id)->lead_time != item.lead_time)
      state.write_item(item.id).lead_time = item.lead_time;
    else
      continue;
    state.marks.freed.add({Freed::Kind::item, item.id, {}, Time::min(), kNever, Time::min()});
  }
  const auto before = state.items;
  for (const auto [id, item] : before)
    if (!ids.contains(id)) state.items.erase(id);
}

void unmark(Marks& marks, const std::string& item) {
  marks.stock.erase(item);
  for (auto it = marks.inbound.lower_bound(std::pair(item, std::string()));
       it != marks.inbound.end() && it.key().first == item;
       it = marks.inbound.lower_bound(std::pair(item, std::string())))
    marks.inbound.erase(std::pair(it.key()));
}

}  // namespace

Status Plan::put(const Job& job) {
  if (auto status = check_stored(*state_, job); !status.ok()) return status;
  std::shared_ptr<const std::string> name;
  if (const auto* known = state_->record(job.demand.job_id)) {
    name = known->name;
    state_->drop_job(name.get());
  }
  state_->add_job(JobRecord(job, std::move(name)));
  const auto record = *state_->record(job.demand.job_id);
  for (std::size_t i = 0; i < job.operations.size(); ++i)
    state_->suspect_overlaps(record.ref(i), job.demand.operations[i], job.operations[i]);
  for (const auto& r : job.reservations) state_->marks.items.set(r.item, {});
  examine(*state_, record);
  state_->learn(job);
  state_->marks.jobs.erase(job.demand.job_id);
  return {};
}

Status Plan::put_item(const Item& item) {
  Plant alone{"item", "", {}, {}, {}, {item}};
  alone.calendars = {around_the_clock("", "UTC")};
  alone.calendars[0].id = alone.calendar = "c";
  if (auto status = validate(alone); !status.ok()) return status;
  replace_stock_of(*state_, item);
  unmark(state_->marks, item.id);
  return {};
}

void Plan::set_freed(const std::vector<Freed>& freed) {
  state_->marks.freed = {};
  for (const auto& f : freed) state_->marks.freed.add(f);
  (void)state_->marks.freed.take_changed();
}

void Plan::put_freed(const Freed& freed) { state_->marks.freed.restore(freed); }

Status Plan::replace_plant(const Plant& plant, bool replace_stock) {
  if (auto status = validate(plant); !status.ok()) return status;
  auto bare = plant;
  for (auto& item : bare.items) item.inbound.clear();
  auto next = PlanState::make(bare, std::make_shared<const Frame>(bare, state_->frame.get()));
  if (!next) return next.status();
  if (auto status = check_all(*state_, *next); !status.ok()) return status;
  const auto before = std::exchange(state_->frame, next->frame);
  ++state_->relief;
  replace_machines(*state_, *next);
  replace_crews(*state_, *next);
  replace_items(*state_, plant, replace_stock);
  if (before->calendars() != state_->frame->calendars() || before->crews() != state_->frame->crews() ||
      before->calendar_id() != state_->frame->calendar_id())
    replace_hours(*state_);
  state_->each_record([&](const JobRecord& record) { state_->learn(record.job); });
  return {};
}

}  // namespace loomline::planning
