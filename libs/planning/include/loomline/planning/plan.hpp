// A plant's plan: who occupies which machine, operator and material when. A value: copying it is O(1), whatever it
// holds, and a change afterwards costs O(log n) where it differs; so a question "what if" is a copy that is thrown
// away, and a copy is a snapshot for readers in other threads. One Plan is not thread-safe; copies are independent.
// Facts (reports, breakdowns, receipts) go in here; decisions come from an Engine.
//
// A plan lives in memory for ever and is changed in place; each call costs what it changes, not what the plan holds
// (where it says otherwise, it says so). Facts leave marks on what they may have broken, for Engine::repair, and on
// what they set free, for Engine::pull_forward.
#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loomline/planning/job.hpp"
#include "loomline/planning/plant.hpp"

namespace loomline::planning {

struct PlanState;

// Something that came free and that pull_forward has not made use of yet. Part of what is to be stored: a plan that is
// made again with it goes on as this one would.
struct Freed {
  enum class Kind {
    machine,     // `id` in [from, to)
    operators,   // of class `id` in [from, to)
    item,        // `id` from `from` on
    operation,   // `op_id` of job `id` may begin earlier
    everything,  // unknown: all that is planned from `from` on is looked at
  };
  Kind kind = Kind::everything;
  std::string id, op_id;
  Time from = Time::min(), to = kNever;
  Time looked = Time::min();  // what was planned to begin up to then has been tried
  auto operator<=>(const Freed&) const = default;
};

// What differs from the stored form, each list in order and without repetition.
struct Unsaved {
  std::vector<std::string> jobs;                             // changed, new or gone: see find()
  std::vector<std::string> items;                            // on hand or lead time
  std::vector<std::pair<std::string, std::string>> inbound;  // item, inbound id: changed, new or gone
  std::vector<std::string> machines;                         // downs
  std::vector<Freed> freed;                                  // new or other; gone where `to` is not after `from`
  bool operator==(const Unsaved&) const = default;
};

// An operation in the plan, for listings.
struct Listed {
  std::string job_id;
  PlacedOperation operation;
  bool operator==(const Listed&) const = default;
};

class Plan {
 public:
  // invalid_argument as validate() says, or where a job names what the plant does not have. O(n log n): every operation
  // is checked, and what does not stand is marked for repair. Without `freed` all may be pulled forward, for nobody
  // knows what was tried; with the freed() that was stored, the plan goes on as the one that was stored would have.
  static Result<Plan> make(const Plant& plant, const std::vector<Job>& jobs = {});
  static Result<Plan> make(const Plant& plant, const std::vector<Job>& jobs, const std::vector<Freed>& freed);

  Plan(const Plan& other);
  Plan& operator=(const Plan& other);
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;
  ~Plan();

  // The plain structs to store, sorted by id: make(plant(), jobs(), freed()) gives an equal plan. Planned purchases
  // stand in the items. Each is linear in what it returns.
  Plant plant() const;
  std::vector<Job> jobs() const;  // by job_id
  std::vector<Freed> freed() const;
  std::size_t size() const;  // jobs
  // nullptr: there is none. Holds until the plan is changed.
  const Job* find(std::string_view job_id) const;
  const Machine* find_machine(std::string_view id) const;
  std::optional<Item> find_item(std::string_view id) const;
  // What is on hand of an item; none where the plan does not know it. O(log n), where find_item() lists what is inbound.
  std::optional<std::int64_t> on_hand(std::string_view item) const;
  std::optional<Inbound> find_inbound(std::string_view item, std::string_view inbound_id) const;
  // Visits the jobs in order of id, without copying them.
  void each_job(const std::function<void(const Job&)>& visit) const;

  // Unstarted operations in order of planned start, from `from` on and before `to`, at most `most`: of the whole plant,
  // and of what is booked on one machine (there with what runs).
  std::vector<Listed> starting(Time from, Time to, std::size_t most) const;
  std::vector<Listed> booked(std::string_view machine, Time from, Time to, std::size_t most) const;

  // What has changed since the last call (or since make(), put…() and set_freed(), which say what is stored).
  Unsaved take_unsaved();

  // Whether trying again can help. A number that rises when something was freed or added that could let a place() of
  // `demand` succeed which failed for `reason`: of NO_SUCH_CAPACITY the plant's machines, crews, calendars and downs;
  // of NO_MATERIAL its items too, of NO_WINDOW its machines and operators. Not stored: remember it only as long as this
  // plan (or a copy of it) lives. A plant that is full for years (NO_WINDOW) also has room again by the mere passing of
  // time: try once a day.
  std::uint64_t relief(const Demand& demand, std::string_view reason) const;

  // Inserts or replaces a job as it is stored (by another process); invalid_argument as make(). Sets nothing free.
  Status put(const Job& job);
  // Inserts or replaces an item with its stock as it is stored; reservations stay. O(inbound of the item).
  Status put_item(const Item& item);
  // The same in O(log n), one thing at a time: what is on hand, and one inbound quantity (none: it is not stored).
  // not_found where the plan does not know the item; invalid_argument for a quantity below 1.
  Status put_on_hand(std::string_view item, std::int64_t quantity);
  Status put_inbound(std::string_view item, const std::string& inbound_id, const std::optional<Inbound>& inbound);
  void set_freed(const std::vector<Freed>& freed);
  // One of them, by kind, id, op_id and `from`, as take_unsaved() names it: gone where `to` is not after `from`. What
  // others made of it in this plan (they merge) is put right by putting every one that take_unsaved() names. O(log n).
  void put_freed(const Freed& freed);

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
  // and inbound unless `replace_stock`. Call repair afterwards. Costs what differs: where a calendar or a crew does,
  // all operations are looked at; where only machines and items do, what is booked on those.
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
