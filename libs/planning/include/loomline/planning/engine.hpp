// The scheduling engine behind an interface: the forward engine here, an optimising one beside it. Pure: the time is an
// argument, ties are broken by id, the same calls give the same plan. Engines are immutable and may be shared between
// threads; a Plan may not.
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "loomline/planning/plan.hpp"

namespace loomline::planning {

enum class Cause {
  none,
  late_start,  // should have begun by now and has not
  overrun,     // something that runs, or ended, took longer than planned
  breakdown,   // a machine is down, or its calendar changed
  material,    // an item comes later than planned
  operators,   // too few operators
  added,       // new operations of the same job (rework)
  earlier,     // capacity or material came free (pull_forward)
};
// "late_start", ...
std::string_view name(Cause cause);

// Why an operation moved: the root, followed back through whatever it pushed.
struct Why {
  Cause cause = Cause::none;
  std::string reference;  // the machine, item or operator class; the operation for late_start, overrun and added
  std::string job_id;     // whose operation that was; another job's where this one was only pushed by it
  bool operator==(const Why&) const = default;
};

struct Move {
  std::string op_id;
  std::string from_machine, to_machine;
  Time old_start = kNever, old_finish = kNever, start = kNever, finish = kNever;
  Why why;
  bool operator==(const Move&) const = default;
};

// A job whose operations moved. `finish` is kNever where it cannot be planned any more (the material never comes).
struct Change {
  std::string job_id;
  Time old_finish = kNever, finish = kNever;
  Why why;  // of the first operation that moved
  std::vector<Move> moves;
  bool operator==(const Change&) const = default;
};

// A bound on what one call looks at.
struct Budget {
  std::size_t operations = 500;  // may still be looked at; a call takes off what it has used
  bool more = false;             // set by the call: something is left for the next one
  std::size_t jobs = 500;        // may still be moved; a call takes off those that it has moved
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Plans a job into what is free, moving nobody. `now`: nothing begins before it or before demand.earliest.
  // invalid_argument (see validate), already_exists, or failed_precondition with reason
  //   NO_SUCH_CAPACITY   no machine of the class, or too few operators, ever
  //   NO_WINDOW          an operation that may not rest fits into no shift, or nothing is free for years
  //   NO_MATERIAL        an item that never comes and has no lead time
  // and the violation's field names the operation ("operations[op-20]"). A failed call leaves the plan as it was.
  virtual Result<Placement> place(Plan& plan, const Demand& demand, Time now) const = 0;

  // What place() would give; the plan is not touched, and may be read by other threads.
  virtual Result<Placement> quote(const Plan& plan, const Demand& demand, Time now) const;

  // Makes the plan true again after reports, breakdowns, late material or added operations. Running and ended
  // operations stay. No operation begins earlier than it was planned. Only what must move moves, to `now` or later.
  // `reported`, at most `now`, says up to when the floor has told us everything: what was to begin or end after it is
  // not late yet. Returns the jobs with moved operations, by job_id; a second call at the same times returns nothing.
  // Costs what moves, and a look at what facts have marked; with nothing to do, it is O(1). What comes out depends on
  // the plan and the times alone, not on how it came to be so.
  virtual std::vector<Change> repair(Plan& plan, Time now, Time reported) const = 0;
  std::vector<Change> repair(Plan& plan, Time now) const { return repair(plan, now, now); }

  // Uses what came free since it was last called (Plan::freed): operations that could use it and are planned to begin
  // before `until` move to the earliest place at or after `now` that disturbs nobody, on their machine or another; what
  // they leave is used in turn, and their followers are tried. Nothing moves later. What is planned to begin at `until`
  // or later has its turn when a call has a later `until`. With nothing freed it is O(1). It does not look for the best
  // use of a gap: in order of planned start, until it is used up or some in a row cannot use it.
  virtual std::vector<Change> pull_forward(Plan& plan, Time now, Time until, Budget& budget) const = 0;
  std::vector<Change> pull_forward(Plan& plan, Time now, Time until) const {
    Budget budget;
    return pull_forward(plan, now, until, budget);
  }
};

struct ForwardOptions {
  // An operation that lost its place goes into a gap that disturbs nobody, unless that ends later by more than this
  // than pushing others would. Where machines are booked without a gap for months, everything after it moves a little,
  // unless the plant has an allowance: letting the disturbance end in far gaps instead was tried, and made the sum of
  // delays several times as large.
  Duration tolerance = std::chrono::hours(8);
  // pull_forward moves nothing that would begin earlier by less than this: not worth telling the floor.
  Duration worthwhile = std::chrono::minutes(10);
};

// Serial forward scheduling: operations in the order of their network, each at the earliest finish over all machines of
// its class, into gaps. Repair is right-shift in order of time. Material that an operation has reserved stays its own
// while it moves later; where an item is short, those lose it with which it becomes so.
std::unique_ptr<const Engine> make_forward_engine(ForwardOptions options = {});

}  // namespace loomline::planning
