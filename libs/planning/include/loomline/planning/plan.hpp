// A plant's plan: who occupies which machine, operator and material when. A value: copying it costs a few pointers
// (resources are shared until written), so that a question "what if" is a copy that is thrown away. Not thread-safe;
// copies are independent. Facts (reports, breakdowns, receipts) go in here; decisions come from an Engine.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/planning/job.hpp"
#include "loomline/planning/plant.hpp"

namespace loomline::planning {

struct PlanState;

class Plan {
 public:
  // invalid_argument as validate() says, or where a job names what the plant does not have.
  static Result<Plan> make(const Plant& plant, const std::vector<Job>& jobs = {});

  Plan(const Plan& other);
  Plan& operator=(const Plan& other);
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;
  ~Plan();

  // The plain structs to store, sorted by id: make(plant(), jobs()) gives an equal plan. Planned purchases stand in the
  // items.
  Plant plant() const;
  std::vector<Job> jobs() const;  // by job_id
  const Job* find(std::string_view job_id) const;

  // Takes a job out entirely, with its reservations and the planned purchases that nobody else came to rely on.
  // False: there is no such job.
  bool remove(std::string_view job_id);
  // Takes out what has not begun (a cancellation); what runs or ended stays until remove(). Returns how many went.
  std::size_t remove_unstarted(std::string_view job_id);

  // Adds operations to a job (rework). They are unplaced until an engine repairs the plan. `before`: operations that
  // must wait for them; those that have begun are left as they are.
  Status insert_operations(std::string_view job_id, const std::vector<Operation>& operations,
                           const std::vector<std::string>& before);

  // Reports. Each says what happened and is idempotent; they never move another operation: call Engine::repair after
  // them. A start issues the operation's material; an end frees its machine. An end without a start is both. A start
  // after an end changes nothing. not_found: no such job, operation or machine.
  Status report_start(std::string_view job_id, std::string_view op_id, std::string_view machine, Time at);
  Status report_end(std::string_view job_id, std::string_view op_id, Time at);
  // A running operation is now expected to finish then.
  Status expect_finish(std::string_view job_id, std::string_view op_id, Time finish);

  // A machine is down in a period; the same `down.id` again replaces it (a new estimate, or the true end).
  Status set_down(std::string_view machine, const Down& down);
  // Material facts. A receipt adds to what is on hand, and uses up the inbound entry of the same id if there is one.
  Status receive(std::string_view item, std::string_view inbound_id, std::int64_t quantity);
  Status set_inbound(std::string_view item, const Inbound& inbound);  // new, or another quantity or date
  // A count says what is on hand now.
  Status set_on_hand(std::string_view item, std::int64_t quantity);

  // Replaces machines, crews, calendars and items; jobs and reservations stay. Items keep what the plan knows on hand
  // and inbound unless `replace_stock`. Call repair afterwards.
  Status replace_plant(const Plant& plant, bool replace_stock);

  // What is free of an item from `at` on, for ever after: on hand and inbound, less everybody's reservations.
  std::int64_t available(std::string_view item, Time at) const;

  const PlanState& state() const { return *state_; }
  PlanState& state() { return *state_; }

 private:
  explicit Plan(std::unique_ptr<PlanState> state);
  std::unique_ptr<PlanState> state_;
};

}  // namespace loomline::planning
