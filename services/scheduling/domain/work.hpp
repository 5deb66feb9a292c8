// One step of a plant: the plan is loaded, facts are applied, the plan is made true again, and what that means for
// orders is said.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/parts.hpp"
#include "loomline/planning/engine.hpp"

namespace loomline::scheduling::domain {

// The plant's scheduling engine.
const planning::Engine& engine();

class Work {
 public:
  // The plan is loaded where the plant was published.
  Work(PlantState& state, Step& step);

  PlantState& state;
  Step& step;
  Time now;
  bool published;
  std::optional<planning::Plan> plan;

  // The plan's side of a change that was made in the state: writes the plan back, lets `change` edit the state, loads.
  template <class Change>
  void edit(Change change) {
    if (plan) save_plan();
    change();
    if (published) load_plan();
  }

  // The order's promise is looked at again when the step ends; the first reason given counts.
  void touch(const std::string& order_id, v1::PromiseReason reason);

  // Ends the step: repairs the plan, uses what came free, places what waits, writes the plan back, keeps promises true.
  // `freed`: capacity or material came free, so that all that is planned may be pulled forward, not only what is next.
  void settle(bool freed = false);

 private:
  void load_plan();
  void save_plan();
  void note(const std::vector<planning::Change>& changes);

  std::map<std::string, v1::PromiseReason> touched_;
};

// Places what waits, line by line, in order of arrival (placing.cpp).
void place_waiting(Work& work);
// Revises the promises of an order where they can no longer be kept, or can be much better (promises.cpp).
void review_promises(Work& work, Order& order, v1::PromiseReason reason);
// Says the first promise of a line that has just been placed (promises.cpp).
void make_promise(Work& work, Order& order, Line& line);
// What a line that would be made by `job` could be promised (promises.cpp).
Result<v1::Promise> offer(const planning::Plan& plan, const v1::Plant& plant, const planning::Job& job,
                          std::string_view country, const std::string& zone, std::uint32_t permille, Time now);

// The floor's side of a unit (units.cpp): operations that may start, completion, leaving the plan.
void allow_operations(Unit& unit);
void unit_progressed(Work& work, Order& order, Line& line, Unit& unit, Time at);
// Takes back what of a unit has not begun; running operations end by themselves.
void recall(Work& work, Unit& unit, const std::string& reason, Time at);
// Mints a unit that waits for its place; it begins now or later.
Unit& mint_unit(PlantState& state, Step& step, Line& line);
// Another unit takes the place of one that was scrapped.
void replace(Work& work, Order& order, Line& line, Unit& unit, const std::string& nonconformity_id, Time at);

// As the contract has it.
production::v1::WorkOrder as_offered(const PlantState& state, const Order& order, const Line& line, const Unit& unit,
                                     const WorkOrder& work_order);
void offer_work_order(Work& work, const Order& order, const Line& line, const Unit& unit, const WorkOrder& work_order,
                      Time at);

// Plans the shipment of an order whose units are all complete (shipping.cpp).
void plan_shipment(Work& work, Order& order, Time at);
// Delivered, or cancelled with nothing running: the order leaves the state.
void forget_order(PlantState& state, const std::string& order_id);

}  // namespace loomline::scheduling::domain
