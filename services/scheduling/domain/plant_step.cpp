#include "domain/plant_step.hpp"

#include <algorithm>

#include "domain/backlog.hpp"
#include "domain/cancellation.hpp"
#include "domain/changes.hpp"
#include "domain/plan_writing.hpp"
#include "domain/promises.hpp"
#include "domain/stock.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

// How far ahead operations are pulled into what came free.
constexpr std::chrono::hours kPull{72};
constexpr std::chrono::days kPullAll{366};
// A floor that has been silent for longer than this is taken to be late rather than early.
constexpr std::chrono::hours kSilence{12};
// What one step does at most, so that none is long; the rest is for the next.
constexpr std::size_t kMostReviews = 100;
constexpr std::size_t kMostPulled = 200;

v1::PromiseReason reason_of(planning::Cause cause) {
  switch (cause) {
    case planning::Cause::breakdown:
      return v1::PROMISE_REASON_EQUIPMENT_BREAKDOWN;
    case planning::Cause::material:
      return v1::PROMISE_REASON_MATERIAL_LATE;
    case planning::Cause::added:
      return v1::PROMISE_REASON_REWORK;
    case planning::Cause::earlier:
      return v1::PROMISE_REASON_EARLIER;
    default:
      return v1::PROMISE_REASON_OPERATION_LATE;
  }
}

}  // namespace

const planning::Engine& engine() {
  static const auto forward = planning::make_forward_engine();
  return *forward;
}

PlantStep::PlantStep(PlantState& plant_state, Step& plant_step)
    : state(plant_state),
      step(plant_step),
      now(plant_step.now()),
      board(plant_step.derived<Board>()),
      published(plant_state.revision() > 0),
      models(plant_step.parts<v1::Plant>()),
      specs(plant_step.parts<ManufacturingSpec>()),
      orders(plant_step.parts<Order>()),
      units(plant_step.parts<Unit>()),
      shipments(plant_step.parts<state::v1::Shipment>()),
      stock(plant_step.parts<state::v1::Stock>()),
      inbound(plant_step.parts<state::v1::Inbound>()),
      downs(plant_step.parts<state::v1::Down>()),
      freed(plant_step.parts<state::v1::FreedList>()),
      gone(plant_step.parts<state::v1::Gone>()),
      kept(plant_step.parts<state::v1::Kept>()) {}

const v1::Plant& PlantStep::model() const { return model_of(step.all_parts()); }

std::uint64_t PlantStep::count_up() {
  state.set_counter(state.counter() + 1);
  return state.counter();
}

void PlantStep::know_item(const std::string& item_id) {
  domain::know_item(plan(), step.all_parts(), item_id, lead_time(model()));
}

std::string PlantStep::know_spec(const ManufacturingSpec& spec) {
  auto name = key_of(spec);
  if (specs.find(name) == nullptr) specs.add(name) = spec;
  if (!board.routings.contains(name)) board.routings.set(name, std::make_shared<const Routing>(spec));
  if (published)
    for (const auto& item : spec.bom()) know_item(item.item().item_id());
  return name;
}

void PlantStep::catch_up() {
  if (!published) return;
  tidy(*this);
  end_recalled();
}

// What ran when its unit was recalled is taken to be over when it was to end, if nobody has said so: a floor that just
// stopped it must not keep a machine busy for ever.
void PlantStep::end_recalled() {
  const auto stopping = board.index.stopping;
  for (const auto entry : stopping) {
    auto piece = open(entry.key);
    if (!piece.order.parked().empty()) continue;
    bool ended = false;
    for (auto& work_order : *piece.unit.mutable_work_orders())
      for (auto& op : *work_order.mutable_operations())
        if (running(op) && op.finish() < micros(now)) {
          move(op, production::v1::OPERATION_STATE_ABORTED);
          op.set_actual_end(op.finish());
          op.set_in_plan(false);
          ended = true;
        }
    if (ended) put_into_plan(piece);
  }
}

Piece PlantStep::open(const std::string& name) {
  auto* order = orders.edit(order_of(name));
  auto* line = order == nullptr ? nullptr : find_line(*order, line_of(name));
  auto* unit = units.edit(name);
  if (line == nullptr || unit == nullptr) throw std::logic_error("unit " + name + " has lost its order");
  return {name, *order, *line, *unit, board.routing(*line)};
}

Piece PlantStep::mint(Order& order, Line& line) {
  Unit unit;
  unit.set_unit_id(step.mint(prefix::unit));
  move(unit, state::v1::UNIT_STATE_WAITING);
  unit.set_number(count_up());
  unit.set_earliest(micros(now));
  auto name = unit_name(order.order_id(), line.line_id(), unit);
  minted_[unit.number()] = name;
  for (int i = 0; i < order.lines_size(); ++i)
    if (&order.lines(i) == &line) fresh_lines_.insert({order.number(), static_cast<std::uint32_t>(i)});
  auto& part = units.add(name);
  part = std::move(unit);
  count(name);
  return {name, order, line, part, board.routing(line)};
}

void PlantStep::put_into_plan(const Piece& piece) {
  const auto job = job_of(piece.routing, piece.unit, *board.machines);
  if (job.operations.empty()) {
    plan().remove(job_id(piece.unit));
    return;
  }
  if (auto status = plan().put(job); !status.ok()) throw std::logic_error(status.to_string());
}

Order& PlantStep::know_order(const std::string& order_id) {
  if (auto* known = orders.edit(order_id); known != nullptr) return *known;
  auto& order = orders.add(order_id);
  order.set_order_id(order_id);
  state.set_orders_counted(state.orders_counted() + 1);
  order.set_number(state.orders_counted());
  fresh_orders_[order.number()] = order_id;
  return order;
}

std::string PlantStep::order_by_number(std::uint64_t number) const {
  if (const auto it = fresh_orders_.find(number); it != fresh_orders_.end()) return it->second;
  const auto* known = board.index.orders.find(number);
  return known == nullptr ? std::string() : *known;
}

const std::string* PlantStep::unit_by_number(std::uint64_t number) const {
  const auto it = minted_.find(number);
  return it != minted_.end() ? &it->second : board.index.unit_by_number.find(number);
}

void PlantStep::count(const std::string& name) {
  const auto* was = eventing::PartsView<Unit>(board.index.seen()).find(name);
  const auto* is = units.find(name);
  auto& counted = counted_.try_emplace(name, was == nullptr ? Tally() : tally_of(*was)).first->second;
  auto after = is == nullptr ? Tally() : tally_of(*is);
  if (same(counted, after)) return;
  auto* order = orders.edit(order_of(name));
  auto* line = order == nullptr ? nullptr : find_line(*order, line_of(name));
  if (line != nullptr) adjust(*line->mutable_tally(), counted, after);
  counted = std::move(after);
}

void PlantStep::recount() {
  const auto& store = step.all_parts();
  const auto collection = store.collection_of(Unit::descriptor());
  const auto& touched = store.touched();
  for (auto it = touched.lower_bound({collection, {}}); it != touched.end() && it->first == collection; ++it)
    count(it->second);
}

void PlantStep::touch(const std::string& order_id, v1::PromiseReason reason) { touched_.emplace(order_id, reason); }

void PlantStep::take_back_at_end(const Order& order) { cancelled_.emplace(order.number(), order.order_id()); }

void PlantStep::note(const std::vector<planning::Change>& changes) {
  for (const auto& change : changes) {
    const auto number = number_of(change.job_id);
    const auto* name = number ? unit_by_number(*number) : nullptr;
    if (name != nullptr) touch(std::string(order_of(*name)), reason_of(change.why.cause));
  }
}

// Whether something is left to look at.
bool PlantStep::pull_forward(bool came_free) {
  if (came_free) state.set_sweep_until(micros(now + kPullAll));
  planning::Budget budget{kMostPulled, false, most_pulled_jobs};
  note(engine().pull_forward(plan(), now, std::max(now + kPull, from_micros(state.sweep_until())), budget));
  if (!budget.more) state.set_sweep_until(0);
  return budget.more;
}

// Marked on the order, so that a step that has no time for all of them loses none.
bool PlantStep::review() {
  std::map<std::uint64_t, std::string> due;
  for (const auto& [order_id, reason] : touched_) {
    const auto* order = orders.find(order_id);
    if (order == nullptr || order->cancelled() || !order->parked().empty()) continue;
    due.emplace(order->number(), order_id);
  }
  for (const auto entry : board.index.to_review) {
    if (due.size() > kMostReviews + touched_.size()) break;
    due.emplace(entry.key, entry.value);
  }
  std::size_t done = 0;
  for (const auto& [number, order_id] : due) {
    const auto* order = orders.find(order_id);
    if (order == nullptr) continue;
    const auto marked = order->review();
    const auto it = touched_.find(order_id);
    const auto reason = marked != v1::PROMISE_REASON_UNSPECIFIED || it == touched_.end() ? marked : it->second;
    if (++done > kMostReviews) {
      if (marked == v1::PROMISE_REASON_UNSPECIFIED) orders.edit(order_id)->set_review(reason);
      continue;
    }
    if (marked != v1::PROMISE_REASON_UNSPECIFIED) orders.edit(order_id)->clear_review();
    if (order->cancelled() || !order->parked().empty()) continue;
    within(order_id, [&] { review_promises(*this, order_id, reason); });
  }
  touched_.clear();
  return done > kMostReviews;
}

// Orders that were cancelled: their units are taken back, and what has nothing left goes.
bool PlantStep::wind_down() {
  bool more = false;
  std::map<std::uint64_t, std::string> cancelled;
  for (const auto entry : board.index.cancelled) cancelled.emplace(entry.key, entry.value);
  cancelled.insert(cancelled_.begin(), cancelled_.end());
  for (const auto& [number, order_id] : cancelled) {
    const auto* order = orders.find(order_id);
    if (order == nullptr || !order->parked().empty()) continue;
    within(order_id, [&] { more = take_back(*this, order_id) || more; });
  }
  return more;
}

void PlantStep::go_on_later() {
  if (state.unfinished() != 0) return;
  state.set_unfinished_counted(state.unfinished_counted() + 1);
  state.set_unfinished(state.unfinished_counted());
  step.timer("unfinished/" + std::to_string(state.unfinished()), now, state::v1::Unfinished());
}

void PlantStep::mend(bool came_free) {
  const auto day = now.time_since_epoch() / std::chrono::days{1};
  // Time itself gives room back to a plant that is full for years.
  if (came_free || day != state.relief_day()) state.set_relief(state.relief() + 1);
  state.set_relief_day(day);
  const auto silent_since = std::max(from_micros(state.reported()), now - kSilence);
  note(engine().repair(plan(), now, std::min(now, silent_since)));
}

void PlantStep::settle(bool came_free) {
  bool more = false;
  if (published) {
    mend(came_free);
    more = pull_forward(came_free);
    write_plan();
  }
  recount();
  more = place_waiting(*this) || more;
  write_plan();
  recount();
  more = review() || more;
  more = wind_down() || more;
  if (more) go_on_later();
}

void PlantStep::write_plan() {
  if (!board.plan) return;
  const auto unsaved = plan().take_unsaved();
  for (const auto& job : unsaved.jobs) {
    const auto number = number_of(job);
    const auto* name = number ? unit_by_number(*number) : nullptr;
    if (name != nullptr) within(std::string(order_of(*name)), [&] { write_job(*this, *name, plan().find(job)); });
  }
  for (const auto& id : unsaved.items) write_item(*this, id);
  for (const auto& [item, id] : unsaved.inbound) write_inbound(*this, item, id);
  for (const auto& f : unsaved.freed) write_freed(*this, f);
  if (freed.find(kFreedPart) != nullptr) {
    std::vector<std::string> old;
    eventing::PartsView<state::v1::FreedList>(step.all_parts())
        .each([&](const std::string& name, const state::v1::FreedList&) { old.push_back(name); });
    for (const auto& name : old) freed.erase(name);
    for (const auto& f : plan().freed()) write_freed(*this, f);
  }
}

void PlantStep::sweep_specs(const std::set<std::string>& used_before) {
  for (const auto& name : used_before)
    if (!board.index.spec_uses.contains(name) && specs.erase(name)) board.routings.erase(name);
}

void PlantStep::finish() {
  write_plan();
  recount();
  stamp_changes(*this);
  const auto& store = step.all_parts();
  // Specs of orders that may have left.
  std::set<std::string> used_before;
  const auto collection = store.collection_of(Order::descriptor());
  const auto& touched = store.touched();
  for (auto it = touched.lower_bound({collection, {}}); it != touched.end() && it->first == collection; ++it)
    if (const auto* was = static_cast<const Order*>(board.index.seen().find(collection, it->second)); was != nullptr)
      for (const auto& line : was->lines()) used_before.insert(line.spec_key());
  follow_step(board, store);
  sweep_specs(used_before);
}

}  // namespace loomline::scheduling::domain
