// Answers over a plant's committed state. Pure.
#pragma once

#include <string>
#include <vector>

#include "domain/parts.hpp"

namespace loomline::scheduling::domain {

v1::GetPlanResponse plan_of(const PlantState& state, const std::string& order_id, Time now);
// invalid_argument SINCE where `since` is no cursor; out_of_range CURSOR_TOO_OLD.
Result<production::v1::ListWorkOrdersResponse> work_orders_of(const PlantState& state,
                                                              const production::v1::ListWorkOrdersRequest& request);
production::v1::ListShipmentsResponse shipments_of(const PlantState& state, bool include_delivered);

// Quotes lines at one plant, one after the other, each with those before it in the plan.
class Quoting {
 public:
  // `lines` are all that may be asked: their items must be known.
  Quoting(PlantState state, const v1::QuotePromiseRequest& request, Time now);
  ~Quoting();
  Quoting(Quoting&&) noexcept;

  // Failures: those of planning::Engine::place, and of check_spec.
  Status add(const v1::QuoteLine& line);
  // What the lines added so far are promised: one window, for they are sent together.
  Result<v1::Promise> promise() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loomline::scheduling::domain
