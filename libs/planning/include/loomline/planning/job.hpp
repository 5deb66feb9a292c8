// What is planned: a job (one work order, or one line of an order) is a network of operations. Plain structs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loomline/planning/plant.hpp"

namespace loomline::planning {

struct Need {
  std::string item;
  std::int64_t quantity = 0;
  bool operator==(const Need&) const = default;
};

struct Operation {
  std::string op_id;  // stable within the job, never "the k-th"
  std::vector<std::string> predecessors;
  std::string equipment_class;        // empty: occupies no machine (a subcontractor, a wait)
  std::vector<std::string> machines;  // of the class; empty: any
  std::string operator_class;         // empty: unattended
  int operators = 0;
  Duration setup{};  // working time before the run
  Duration run{};    // working time for the whole quantity
  // True: rests at the end of a shift and resumes with the next, keeping its machine. False: must fit into one stretch.
  bool interruptible = true;
  Duration lag{};               // elapsed time after the end before a successor may begin (curing, cooling, moving)
  double variation = 0.2;       // coefficient of variation of setup + run, for promise windows
  std::vector<Need> materials;  // needed at the start
  bool operator==(const Operation&) const = default;
};

struct Demand {
  std::string job_id;
  Time earliest{};  // no operation begins before
  std::vector<Operation> operations;
  bool operator==(const Demand&) const = default;
};

enum class OperationState { unplaced, planned, running, ended };

struct PlacedOperation {
  std::string op_id;
  OperationState state = OperationState::unplaced;
  std::string machine;  // empty where the operation occupies none
  Time start = kNever;
  Time finish = kNever;
  std::vector<Interval> work;    // when it really works, within [start, finish)
  std::optional<Time> expected;  // running: the finish that the shop floor expects
  bool operator==(const PlacedOperation&) const = default;
};

// A quantity of an item promised to an operation from `at` on.
struct Reservation {
  std::string op_id;
  std::string item;
  std::int64_t quantity = 0;
  Time at{};
  bool operator==(const Reservation&) const = default;
};

// A job in the plan. `operations` stands in the order of `demand.operations`.
struct Job {
  Demand demand;
  std::vector<PlacedOperation> operations;
  std::vector<Reservation> reservations;
  bool operator==(const Job&) const = default;

  // The latest finish, lag included; kNever while an operation is unplaced.
  Time finish() const;
  // The earliest start of any operation; kNever where none is placed.
  Time start() const;
};

// What a placement adds to the plan.
struct Placement {
  Job job;
  std::vector<std::pair<std::string, Inbound>> purchases;  // item, planned receipt
  Time material_ready{};                                   // from here on every material of the job is at hand
  Time finish() const { return job.finish(); }
  bool operator==(const Placement&) const = default;
};

// invalid_argument: duplicate or unknown op_ids, a cycle, negative times, operators without a class.
Status validate(const Demand& demand);

// Indexes of `operations` so that predecessors come first; ties by op_id. The network must be valid.
std::vector<std::size_t> topological_order(const std::vector<Operation>& operations);

}  // namespace loomline::planning
