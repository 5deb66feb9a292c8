// A SAT solver behind a small interface. Single-threaded, options fixed: the same calls in the same order give the
// same answers. One instance belongs to one thread.
#pragma once

#include <memory>
#include <span>

namespace loomline::variability {

class Solver {
 public:
  enum class Answer { satisfiable, unsatisfiable, unknown };  // unknown: the conflict budget is spent

  virtual ~Solver() = default;
  virtual void reserve(int variables) = 0;
  virtual void add(std::span<const int> clause) = 0;
  void add(int literal) { add(std::span<const int>(&literal, 1)); }
  virtual void prefer(int literal) = 0;  // the value that a free decision takes first
  virtual Answer solve(std::span<const int> assumptions, long conflict_budget) = 0;
  virtual bool value(int literal) const = 0;   // after satisfiable
  virtual bool failed(int literal) const = 0;  // after unsatisfiable: an assumption that the proof used
};

std::unique_ptr<Solver> make_cadical();

}  // namespace loomline::variability
