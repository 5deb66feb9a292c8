// One step of a plant: facts go in, the plan is made true again, and what that means for orders is said. A handler
// changes parts and plan through it; what follows from that (places written back, tallies, stamps for the MES, indexes)
// is done for whatever was touched when the step ends.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "domain/board.hpp"
#include "domain/vocabulary.hpp"

namespace loomline::scheduling::domain {

// A unit that is being changed, with the line and the order that it is made for.
struct Piece {
  std::string name;  // of its part
  Order& order;
  Line& line;
  Unit& unit;
  const Routing& routing;
};

// An order's data broke a rule. See broken_orders.hpp.
struct OrderBroken : std::logic_error {
  OrderBroken(std::string id, const std::string& why) : std::logic_error(why), order_id(std::move(id)) {}
  std::string order_id;
};

class PlantStep {
 public:
  PlantStep(PlantState& state, Step& step);

  PlantState& state;
  Step& step;
  Time now;
  Board& board;
  bool published;
  eventing::Parts<v1::Plant> models;
  eventing::Parts<ManufacturingSpec> specs;
  eventing::Parts<Order> orders;
  eventing::Parts<Unit> units;
  eventing::Parts<state::v1::Shipment> shipments;
  eventing::Parts<state::v1::Stock> stock;
  eventing::Parts<state::v1::Inbound> inbound;
  eventing::Parts<state::v1::Down> downs;
  eventing::Parts<state::v1::FreedList> freed;
  eventing::Parts<state::v1::Gone> gone;
  eventing::Parts<state::v1::Kept> kept;
  // Jobs that this step may pull forward: each is written again, more than a kilobyte. What is left is done in steps of
  // their own, which may pull more.
  static constexpr std::size_t kPulledAtOnce = 8, kPulledLater = 100;
  std::size_t most_pulled_jobs = kPulledAtOnce;

  const v1::Plant& model() const;
  planning::Plan& plan() { return *board.plan; }
  const planning::Plan& plan() const { return *board.plan; }
  // The next of the plant's numbers.
  std::uint64_t count_up();
  // The plan knows the item from here on.
  void know_item(const std::string& item_id);
  // Keeps the spec; the name of its part.
  std::string know_spec(const ManufacturingSpec& spec);

  // Time has passed since the last step: material came, breakdowns ended or last, recalled operations are over.
  void catch_up();

  // A unit to change, by the name of its part. std::logic_error where something of it is missing.
  Piece open(const std::string& unit_name);
  // The order, new where it was not known: numbered by its arrival.
  Order& know_order(const std::string& order_id);
  // A new unit that waits for its place; it begins now or later.
  Piece mint(Order& order, Line& line);
  // The unit's job in the plan becomes what the unit says now.
  void put_into_plan(const Piece& piece);
  // The tally of its line becomes what the unit says now. Done for every unit that was touched when the step ends; a
  // rule that reads a tally in the middle of one has what it changed counted before.
  void count(const std::string& unit_name);
  void recount();

  // The order's promises are looked at again when the step ends; the first reason given counts.
  void touch(const std::string& order_id, v1::PromiseReason reason);

  // The order was cancelled: what is left of it is taken back when the step ends, and in those after it.
  void take_back_at_end(const Order& order);

  // Ends a handler that changed the plan: repairs it, uses what came free, places what waits, keeps promises true. All
  // of it bounded: the rest is for the timer "unfinished". `came_free`: capacity or material did, so that all that is
  // planned may be pulled forward, not only what is next.
  void settle(bool came_free = false);

  // Ends every step that is kept.
  void finish();

  // The plan's places and stock, written into the parts.
  void write_plan();

  // Orders that were found broken in this step, and parked.
  std::set<std::string> broken;

  // Lines that got a unit to place in this step.
  const std::set<LineNumber>& fresh_lines() const { return fresh_lines_; }
  std::string order_by_number(std::uint64_t number) const;
  // The part of a unit in this step; nullptr where there is none.
  const std::string* unit_by_number(std::uint64_t number) const;

 private:
  void end_recalled();
  void note(const std::vector<planning::Change>& changes);
  void mend(bool came_free);
  bool pull_forward(bool came_free);
  bool review();
  bool wind_down();
  void go_on_later();
  void sweep_specs(const std::set<std::string>& used_before);

  std::map<std::string, v1::PromiseReason> touched_;
  std::map<std::string, Tally> counted_;
  std::map<std::uint64_t, std::string> minted_;
  std::map<std::uint64_t, std::string> fresh_orders_;
  std::set<LineNumber> fresh_lines_;
  std::map<std::uint64_t, std::string> cancelled_;
};

// Runs what concerns one order: what it throws is that order's trouble.
template <class Run>
auto within(const std::string& order_id, Run run) {
  try {
    return run();
  } catch (const OrderBroken&) {
    throw;
  } catch (const std::exception& error) {
    throw OrderBroken(order_id, error.what());
  }
}

// The plant's scheduling engine.
const planning::Engine& engine();

}  // namespace loomline::scheduling::domain
