// A random day of a plant: facts and decisions, the same for the same seed.
#pragma once

#include "random_plans.hpp"

namespace loomline::planning {

class RandomFacts {
 public:
  explicit RandomFacts(unsigned seed) : random_(seed) {}

  // One fact about the plan, or a new job. Asks the plan only for what it stores.
  void happen(Plan& plan, const Engine& engine, Time now) {
    if (plan.size() == 0 || random_.one_in(4)) {
      (void)engine.place(plan, random_.job(jobs_++, now), now).ok();
      return;
    }
    const auto jobs = plan.jobs();
    const auto& job = jobs[static_cast<std::size_t>(random_.below(static_cast<int>(jobs.size())))];
    const auto& id = job.demand.job_id;
    const auto& op = job.operations[static_cast<std::size_t>(random_.below(static_cast<int>(job.operations.size())))];
    const auto machines = plan.plant().machines;
    const auto& machine = machines[static_cast<std::size_t>(random_.below(static_cast<int>(machines.size())))];
    switch (random_.below(12)) {
      case 0: {
        const auto from = now + hours{random_.below(20)};
        (void)plan
            .set_down(machine.id, {"d" + std::to_string(random_.below(3)), {from, from + hours{random_.below(40)}}, ""})
            .ok();
        break;
      }
      case 1:
        (void)plan.set_inbound("blank", {"in-1", random_.below(80), now + hours{random_.below(300)}, false}).ok();
        break;
      case 2:
        if (random_.one_in(2))
          (void)plan.receive("blank", "in-1", random_.below(60)).ok();
        else
          (void)plan.set_on_hand("bolt", random_.below(20)).ok();
        break;
      case 3:
        (void)plan.insert_operations(id, {random_.operation("rework-" + std::to_string(rework_++))}, {op.op_id}).ok();
        break;
      case 4:
        if (random_.one_in(2))
          plan.remove_unstarted(id);
        else
          plan.remove(id);
        break;
      case 5:
        for (const auto& o : job.operations)
          if (o.state == OperationState::running)
            (void)plan.expect_finish(id, o.op_id, now + minutes{random_.below(900)}).ok();
        break;
      default:
        report(plan, jobs, now);
    }
  }

 private:
  // What was to begin or end by now has done so, most of it.
  void report(Plan& plan, const std::vector<Job>& jobs, Time now) {
    for (const auto& job : jobs)
      for (const auto& op : job.operations) {
        const auto& id = job.demand.job_id;
        if (op.state == OperationState::planned && op.start <= now && !random_.one_in(5))
          (void)plan.report_start(id, op.op_id, op.machine, op.start).ok();
        else if (op.state == OperationState::running && op.finish <= now + hours{2} && !random_.one_in(3))
          (void)plan.report_end(id, op.op_id, std::max(op.start, std::min(now, op.finish))).ok();
      }
  }

  RandomPlans random_;
  int jobs_ = 0, rework_ = 0;
};

}  // namespace loomline::planning
