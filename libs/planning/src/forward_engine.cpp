#include "forward_engine.hpp"

#include "draft.hpp"
#include "plan_state.hpp"

namespace loomline::planning {

std::string_view name(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "none";
    case Cause::late_start:
      return "late_start";
    case Cause::overrun:
      return "overrun";
    case Cause::breakdown:
      return "breakdown";
    case Cause::material:
      return "material";
    case Cause::operators:
      return "operators";
    case Cause::added:
      return "added";
    case Cause::earlier:
      return "earlier";
  }
  return "none";
}

Result<Placement> Engine::quote(const Plan& plan, const Demand& demand, Time now) const {
  Plan copy(plan);
  return place(copy, demand, now);
}

Result<Placement> ForwardEngine::quote(const Plan& plan, const Demand& demand, Time now) const {
  if (auto status = validate(demand); !status.ok()) return status;
  if (auto status = plan.state().knows(demand); !status.ok()) return status;
  if (plan.find(demand.job_id) != nullptr)
    return Status(Code::already_exists, "JOB_EXISTS", "The plan has job " + demand.job_id + " already.");
  Draft draft(plan.state(), demand, now);
  if (auto status = draft.place_all(); !status.ok()) return status;
  return draft.take();
}

Result<Placement> ForwardEngine::place(Plan& plan, const Demand& demand, Time now) const {
  auto placement = quote(plan, demand, now);
  if (!placement) return placement;
  auto& state = plan.state();
  for (const auto& [item, inbound] : placement->purchases) state.add_inbound(item, inbound);
  state.add_job(JobRecord(placement->job));
  state.learn(placement->job);
  return placement;
}

std::unique_ptr<const Engine> make_forward_engine(ForwardOptions options) {
  return std::make_unique<ForwardEngine>(options);
}

}  // namespace loomline::planning
