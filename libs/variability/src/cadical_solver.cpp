#include <cadical.hpp>

#include "loomline/variability/solver.hpp"

namespace loomline::variability {

namespace {

class CadicalSolver final : public Solver {
 public:
  CadicalSolver() {
    solver_.set("quiet", 1);
    // What it measures of itself, even then, it reads off the wall clock: the CPU time of a process is that of all its
    // threads, asked several times a call.
    solver_.set("profile", 0);
    solver_.set("realtime", 1);
    solver_.set("lucky", 0);    // looks for trivial solutions before each call; incremental calls pay for it every time
  }
  void reserve(int variables) override { solver_.reserve(variables); }
  void add(std::span<const int> clause) override {
    for (const int literal : clause) solver_.add(literal);
    solver_.add(0);
  }
  void prefer(int literal) override { solver_.phase(literal); }
  Answer solve(std::span<const int> assumptions, long conflict_budget) override {
    for (const int literal : assumptions) solver_.assume(literal);
    solver_.limit("conflicts", static_cast<int>(conflict_budget));
    const int answer = solver_.solve();
    return answer == 10 ? Answer::satisfiable : answer == 20 ? Answer::unsatisfiable : Answer::unknown;
  }
  bool value(int literal) const override {
    return (solver_.val(literal < 0 ? -literal : literal) > 0) == (literal > 0);
  }
  bool failed(int literal) const override { return solver_.failed(literal); }

 private:
  mutable CaDiCaL::Solver solver_;  // val and failed do not change what is observed
};

}  // namespace

std::unique_ptr<Solver> make_cadical() { return std::make_unique<CadicalSolver>(); }

}  // namespace loomline::variability
