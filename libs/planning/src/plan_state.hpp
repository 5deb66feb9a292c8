// What a plan holds, for the engines of this library.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cow.hpp"
#include "ledger.hpp"
#include "loomline/planning/job.hpp"
#include "loomline/planning/plan.hpp"
#include "loomline/planning/plant.hpp"
#include "occupancy.hpp"

namespace loomline::planning {

using CalendarPtr = std::shared_ptr<const Calendar>;

struct MachineState {
  Machine machine;  // downs sorted by begin
  CalendarPtr calendar;
  Timeline timeline;
};

struct OperatorState {
  std::vector<Crew> crews;
  std::vector<CalendarPtr> calendars;  // of the crews
  Usage usage;

  int capacity(Time at) const;
  int most() const;  // all crews at once
  // The next instant at which a crew comes or goes; kNever where none does.
  Time next_change(Time at) const;
  // As Calendar::window, where at least `count` are present.
  std::optional<Interval> window(Time at, Duration need, int count) const;
  // Where `count` more are too many somewhere in `period`: the instant at which that ends.
  std::optional<Time> conflict(const Interval& period, int count) const;
};

struct ItemState {
  Item item;
  Ledger ledger;
};

template <class T>
using ById = std::map<std::string, T, std::less<>>;

struct PlanState {
  std::string plant_id;
  std::string calendar_id;
  std::shared_ptr<const ById<CalendarPtr>> calendars;
  std::shared_ptr<const ById<std::vector<std::string>>> classes;  // equipment class -> machine ids, sorted
  Cow<ById<Cow<MachineState>>> machines;
  Cow<ById<Cow<OperatorState>>> operators;
  Cow<ById<Cow<ItemState>>> items;
  Cow<ById<Cow<Job>>> jobs;

  // Compiles a valid plant; stock and occupancy start from it.
  static Result<PlanState> make(const Plant& plant);

  const MachineState* machine(std::string_view id) const;
  const OperatorState* crew(std::string_view operator_class) const;
  const ItemState* item(std::string_view id) const;
  const Job* job(std::string_view id) const;
  MachineState& write_machine(std::string_view id);
  ItemState& write_item(std::string_view id);
  Job& write_job(std::string_view id);

  // Occupies and frees machine and operators; nothing for operations that are unplaced or ended.
  void book(std::string_view job_id, const Operation& op, const PlacedOperation& placed) {
    occupy(job_id, op, placed, 1);
  }
  void unbook(std::string_view job_id, const Operation& op, const PlacedOperation& placed) {
    occupy(job_id, op, placed, -1);
  }
  void reserve(const Reservation& r) { write_item(r.item).ledger.add(r.at, -r.quantity); }
  void release(const Reservation& r) { write_item(r.item).ledger.add(r.at, r.quantity); }
  void add_inbound(const std::string& item, const Inbound& inbound);

  // Whether everything that a demand names exists.
  Status knows(const Demand& demand) const;

 private:
  void occupy(std::string_view job_id, const Operation& op, const PlacedOperation& placed, int sign);
};

inline Duration duration_of(const Operation& op) { return op.setup + op.run; }
inline Time later(Time at, Duration by) { return at > kNever - by ? kNever : at + by; }

}  // namespace loomline::planning
