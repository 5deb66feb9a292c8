// What a plan holds, for the engines of this library. Copies are O(1).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cow.hpp"
#include "frame.hpp"
#include "ledger.hpp"
#include "load.hpp"
#include "marks.hpp"
#include "timeline.hpp"

namespace loomline::planning {

struct MachineState {
  std::shared_ptr<const Machine> machine;  // downs sorted by begin
  CalendarPtr calendar;
  Timeline timeline;
  Load load{1};
  std::uint64_t relief = 0;  // rises when something of it came free
};

struct OperatorState {
  std::shared_ptr<const Presence> presence;
  Timeline attended;  // from the start to the finish of each operation, rests included
  Load load{0};
  std::uint64_t relief = 0;
};

struct ItemState {
  std::optional<Duration> lead_time;
  PersistentMap<std::string, Inbound> inbound;
  Ledger ledger;
  std::uint64_t relief = 0;
};

// Who waits for whom, by index.
struct Network {
  explicit Network(const std::vector<Operation>& operations);
  std::vector<std::vector<std::uint32_t>> predecessors, followers;
};

struct JobRecord {
  std::shared_ptr<const std::string> name;
  Job job;
  std::shared_ptr<const Network> network;

  JobRecord() = default;
  explicit JobRecord(Job job, std::shared_ptr<const std::string> name = nullptr);
  OpRef ref(std::size_t i) const { return {name.get(), static_cast<std::uint32_t>(i)}; }
  // The index of an operation; npos where there is none.
  std::size_t index_of(std::string_view op_id) const;
  // When an operation may begin as far as its predecessors and the demand are concerned; kNever where one has no place.
  Time ready(std::size_t i, Time from) const;
  bool reserved(std::size_t i, const std::string& item) const;
};

struct PlanState {
  std::shared_ptr<const Frame> frame;
  PersistentMap<std::string, Cow<MachineState>> machines;
  PersistentMap<std::string, Cow<OperatorState>> operators;
  PersistentMap<std::string, Cow<ItemState>> items;
  PersistentMap<JobName, Nothing, NoSummary, JobLess> names;              // of the jobs, by id
  PersistentMap<JobName, Cow<JobRecord>, NoSummary, ByAddress> records;   // looked up at every step: no names compared
  PersistentMap<When, Nothing, NoSummary, WhenLess> starts;               // of planned operations
  PersistentMap<When, Nothing, NoSummary, WhenLess> ends;                 // of running ones
  PersistentMap<std::pair<std::string, std::string>, Nothing> purchases;  // inbound id, item: planned receipts
  Marks marks;
  std::uint64_t relief = 0;  // rises with the plant

  // Compiles a valid plant; stock and occupancy start from it.
  static Result<PlanState> make(const Plant& plant, std::shared_ptr<const Frame> frame = nullptr);

  const MachineState* machine(std::string_view id) const;
  const OperatorState* crew(std::string_view operator_class) const;
  const ItemState* item(std::string_view id) const;
  const JobRecord* record(std::string_view id) const;
  const JobRecord& record(const OpRef& op) const { return **records.find(op.job); }
  // Visits the records in order of job id; the state may be changed meanwhile.
  template <class Visit>
  void each_record(const Visit& visit) const {
    const auto list = names;
    const auto all = records;
    for (const auto [name, nothing] : list) visit(**all.find(name));
  }
  MachineState& write_machine(std::string_view id) { return machines.edit(id)->write(); }
  OperatorState& write_crew(std::string_view id) { return operators.edit(id)->write(); }
  ItemState& write_item(std::string_view id) { return items.edit(id)->write(); }
  JobRecord& write(JobName job);  // its stored form differs from now on

  TimesPtr times(const MachineState* machine, const Operation& op) const {
    return frame->times(machine == nullptr ? nullptr : machine->calendar, op);
  }

  // Occupies and frees machine and operators, as `placed` says; nothing for what has ended.
  void enter(const OpRef& op, const Operation& operation, const PlacedOperation& placed);
  void leave(const OpRef& op, const Operation& operation, const PlacedOperation& placed);
  // Leaves, changes the record, enters.
  void place(const OpRef& op, PlacedOperation placed);
  // Its kinds of work are watched for gaps from now on.
  void learn(const Job& job);

  // A job as it is comes in with all that it occupies, or goes. Its name must be new.
  void add_job(JobRecord record);
  void drop_job(JobName job);

  void reserve(const OpRef& op, const Need& need, Time at);  // in the record too
  void release(const OpRef& op, std::string_view item);
  void release_all(const OpRef& op);
  void add_inbound(const std::string& item, const Inbound& inbound);
  void drop_inbound(const std::string& item, const std::string& inbound_id);
  void set_on_hand(const std::string& item, std::int64_t quantity);

  // Marks.
  void suspect(const OpRef& op) { marks.suspects.set(op, {}); }
  void suspect_followers(const JobRecord& record, std::size_t i);
  // What is planned and shares machine or operators with `placed`, where those are too few.
  void suspect_overlaps(const OpRef& op, const Operation& operation, const PlacedOperation& placed);
  void set_free(const Operation& operation, const PlacedOperation& placed, Time from);
  void set_free(const OpRef& op);
  void set_free(const std::string& item, Time from);

  // Whether everything that a demand names exists.
  Status knows(const Demand& demand) const;
};

inline Duration duration_of(const Operation& op) { return op.setup + op.run; }
inline Time later(Time at, Duration by) { return at > kNever - by ? kNever : at + by; }
inline bool begun(const PlacedOperation& op) {
  return op.state == OperationState::running || op.state == OperationState::ended;
}

}  // namespace loomline::planning
