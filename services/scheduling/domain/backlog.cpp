#include "domain/backlog.hpp"

#include <algorithm>

#include "domain/offering.hpp"
#include "domain/plan_writing.hpp"
#include "domain/promises.hpp"
#include "domain/unit_facts.hpp"
#include "domain/unit_progress.hpp"

namespace loomline::scheduling::domain {
namespace {

using state::v1::UNIT_STATE_PLANNED;
using state::v1::UNIT_STATE_WAITING;

// Units that one step places, and that it releases: a thousand pieces are the work of many steps, between which the
// plant hears other things.
constexpr int kMostPlaced = 20;
constexpr int kMostReleased = 40;

struct Budget {
  int place = kMostPlaced;
  int release = kMostReleased;
  bool left() const { return place > 0 && release > 0; }
};

void say_material(PlantStep& step, const Order& order, Line& line) {
  if (line.material_ready()) return;
  const auto ready = from_micros(line.material_at());
  if (ready > step.now) {
    state::v1::MaterialDue due;
    due.set_order_id(order.order_id());
    due.set_line_id(line.line_id());
    step.step.timer("material/" + line.line_id(), ready, due);
    return;
  }
  line.set_material_ready(true);
  v1::MaterialReady event;
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
}

void say_scheduled(PlantStep& step, const Order& order, Line& line) {
  v1::LineScheduled event;
  Time start = planning::kNever, finish{};
  std::uint32_t operations = 0;
  step.units.each(units_of(order.order_id(), line.line_id()), [&](const std::string&, const Unit& unit) {
    const auto* job = step.plan().find(job_id(unit));
    if (job == nullptr) throw std::logic_error("unit " + unit.unit_id() + " is placed and not in the plan");
    event.add_unit_ids(unit.unit_id());
    start = std::min(start, job->start());
    finish = std::max(finish, job->finish());
    operations += static_cast<std::uint32_t>(job->operations.size());
  });
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  event.set_plant_id(step.step.key());
  *event.mutable_planned_start() = to_timestamp(start);
  *event.mutable_planned_finish() = to_timestamp(finish);
  event.set_operations_total(operations);
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
  line.set_scheduled(true);
}

void say_unschedulable(PlantStep& step, const Order& order, Line& line, const std::string& reason) {
  line.set_tried(remedy_of(reason) == Remedy::plant ? step.state.revision() : step.state.relief());
  if (line.unschedulable() == reason) return;
  line.set_unschedulable(reason);
  v1::LineUnschedulable event;
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  event.set_plant_id(step.step.key());
  event.set_reason(reason);
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
}

// A place for one unit, held until its whole line has one.
Status place_unit(PlantStep& step, const Line& line, const std::string& name, Time& material_at) {
  const auto& routing = step.board.routing(line);
  auto shape = *step.units.find(name);
  *shape.add_work_orders() = routing.make_work_order("");
  const auto placed = engine().place(step.plan(), routing.demand_of(shape), step.now);
  if (!placed) return placed.status();
  material_at = std::max(material_at, placed->material_ready);
  auto& work_order = *step.units.edit(name)->add_work_orders();
  work_order = std::move(*shape.mutable_work_orders(0));
  work_order.set_work_order_id(step.step.mint(prefix::work_order));
  copy_places(placed->job, work_order);
  return {};
}

std::vector<std::string> units_where(const PlantStep& step, const Order& order, const Line& line, int most,
                                     bool (*wanted)(const Unit&)) {
  std::vector<std::string> names;
  const auto prefix = units_of(order.order_id(), line.line_id());
  step.units.each(prefix, [&](const std::string& name, const Unit& unit) {
    if (static_cast<int>(names.size()) < most && wanted(unit)) names.push_back(name);
  });
  return names;
}

bool waits(const Unit& unit) { return unit.state() == UNIT_STATE_WAITING && unit.work_orders().empty(); }

// The places that a line holds are given back: it is made as a whole or not at all.
void give_back(PlantStep& step, const Order& order, const Line& line) {
  for (const auto& name : units_where(step, order, line, static_cast<int>(line.quantity()) * 2, held)) {
    auto& unit = *step.units.edit(name);
    step.plan().remove(job_id(unit));
    unit.clear_work_orders();
    step.count(name);
  }
}

// Why the line has no place; empty: it has, or the budget is spent.
std::string place_units(PlantStep& step, Order& order, Line& line, Budget& budget) {
  if (!step.published) return "PLANT_UNKNOWN";
  if (line.tally().held() == 0 && !check_spec(step.board.routing(line).spec(), line.quantity()).ok())
    return "SPEC_INVALID";
  auto material_at = std::max(step.now, from_micros(line.material_at()));
  const auto before = step.plan();
  const auto names = units_where(step, order, line, std::max(budget.place, 1), waits);
  for (std::size_t i = 0; i < names.size(); ++i) {
    --budget.place;
    const auto status = place_unit(step, line, names[i], material_at);
    if (status.ok()) {
      step.count(names[i]);
      continue;
    }
    // Those of this step as if they had not been tried.
    for (std::size_t k = 0; k < i; ++k) {
      step.units.edit(names[k])->clear_work_orders();
      step.count(names[k]);
    }
    step.plan() = before;
    if (!line.scheduled()) give_back(step, order, line);
    line.set_material_at(0);
    return status.reason();
  }
  if (!line.scheduled()) line.set_material_at(micros(material_at));
  return {};
}

void release_units(PlantStep& step, Order& order, Line& line, Budget& budget) {
  for (const auto& name : units_where(step, order, line, std::max(budget.release, 1), held)) {
    --budget.release;
    auto piece = step.open(name);
    auto& work_order = *piece.unit.mutable_work_orders(0);
    move(work_order, production::v1::WORK_ORDER_STATE_OFFERED);
    move(piece.unit, UNIT_STATE_PLANNED);
    allow_operations(piece.unit);
    step.count(name);
    offer_work_order(step, piece, work_order, step.now);
  }
}

void place_line(PlantStep& step, Order& order, Line& line, Budget& budget) {
  if (line.tally().waiting() > 0) {
    const auto reason = place_units(step, order, line, budget);
    if (!reason.empty()) {
      say_unschedulable(step, order, line, reason);
    } else if (line.tally().waiting() == 0) {
      line.clear_unschedulable();
      line.set_tried(0);
      if (line.scheduled()) step.touch(order.order_id(), v1::PROMISE_REASON_REPLACEMENT);
    }
    if (line.tally().waiting() > 0 && !line.scheduled()) return;
  }
  if (!line.scheduled()) {
    say_scheduled(step, order, line);
    make_promise(step, order, line);
  }
  release_units(step, order, line, budget);
  if (line.tally().held() > 0 || line.material_at() == 0) return;
  say_material(step, order, line);
  line.set_material_at(0);
}

// The lines to go on with, in order of arrival, at least one more than a step can do if there are as many.
std::set<LineNumber> due_lines(const PlantStep& step) {
  std::set<LineNumber> due(step.fresh_lines());
  const auto most = step.fresh_lines().size() + kMostPlaced + 1;
  for (const auto entry : step.board.index.unfinished) {
    if (due.size() > most) break;
    due.insert(entry.key);
  }
  for (const auto& [remedy, now] : {std::pair(Remedy::plant, std::uint64_t{step.state.revision()}),
                                    std::pair(Remedy::relief, step.state.relief())}) {
    const auto& index = step.board.index.unschedulable;
    for (auto it = index.lower_bound(std::tuple(remedy, std::uint64_t{0}, LineNumber{})); it != index.end(); ++it) {
      if (std::get<0>(it.key()) != remedy || std::get<1>(it.key()) >= now || due.size() > 2 * most) break;
      due.insert(std::get<2>(it.key()));
    }
  }
  return due;
}

}  // namespace

bool place_waiting(PlantStep& step) {
  Budget budget;
  for (const auto& [number, i] : due_lines(step)) {
    const auto order_id = step.order_by_number(number);
    const auto* known = step.orders.find(order_id);
    if (known == nullptr || known->cancelled() || !known->parked().empty()) continue;
    const auto& tally = known->lines(static_cast<int>(i)).tally();
    if (tally.waiting() + tally.held() == 0) continue;
    if (!budget.left()) return true;
    within(order_id, [&] {
      auto& order = *step.orders.edit(order_id);
      place_line(step, order, *order.mutable_lines(static_cast<int>(i)), budget);
    });
    const auto& after = step.orders.find(order_id)->lines(static_cast<int>(i));
    if (in_hand(after)) return true;
  }
  return false;
}

}  // namespace loomline::scheduling::domain
