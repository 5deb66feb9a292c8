// What could be promised: lines placed into a copy of the plan that is thrown away.
#pragma once

#include <memory>

#include "domain/plant_view.hpp"

namespace loomline::scheduling::domain {

// Quotes lines at one plant, one after the other, each with those before it in the plan.
class Quoting {
 public:
  Quoting(PlantView plant, const v1::QuotePromiseRequest& request, Time now);
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
