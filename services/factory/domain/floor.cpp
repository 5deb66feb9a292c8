#include "loomline/factory/floor.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "calendars.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::factory {

namespace {

using production::OperationState;
using wire::to_time;
using wire::to_timestamp;

bool works(const production::WorkOrder& order) {
  return order.state() == production::WORK_ORDER_STATE_ACCEPTED ||
         order.state() == production::WORK_ORDER_STATE_RUNNING;
}

const production::WorkOrderOperation* find_operation(const production::WorkOrder& order, std::string_view op_id) {
  for (const auto& op : order.operations())
    if (op.op_id() == op_id) return &op;
  return nullptr;
}

std::tuple<Time, std::string, Time, std::string> place_in_plan(const production::WorkOrder& order) {
  if (order.operations().empty()) return {Time::max(), "", Time::max(), order.work_order_id()};
  const auto& first = *order.operations().begin();
  const auto& last = *order.operations().rbegin();
  return {to_time(first.planned_start()), first.equipment_id(), to_time(last.planned_end()), order.work_order_id()};
}

}  // namespace

Time time_of(const FloorReport& report) {
  return std::visit([](const auto& message) { return to_time(message.occurred_at()); }, report);
}

Result<std::unique_ptr<Floor>> Floor::make(scheduling::Plant plant, FloorOptions options, Draws draws,
                                           std::shared_ptr<Labels> labels) {
  auto calendars = equipment_calendars(plant);
  if (!calendars.ok()) return calendars.status();
  std::unique_ptr<Floor> floor(new Floor(std::move(plant), std::move(options), draws, std::move(labels)));
  floor->calendars_ = std::move(calendars).value();
  return floor;
}

Floor::Floor(scheduling::Plant plant, FloorOptions options, Draws draws, std::shared_ptr<Labels> labels)
    : plant_(std::move(plant)), options_(std::move(options)), draws_(draws), labels_(std::move(labels)) {
  for (const auto& supply : plant_.supplies())
    if (!supply.lot_id().empty()) lots_.emplace(supply.item().item_id(), supply.lot_id());
}

const production::WorkOrder* Floor::find(std::string_view work_order_id) const {
  const auto found = orders_.find(work_order_id);
  return found == orders_.end() ? nullptr : &found->second;
}

std::vector<std::string> Floor::work_order_ids() const {
  std::vector<std::string> ids;
  ids.reserve(orders_.size());
  for (const auto& [id, order] : orders_) ids.push_back(id);
  return ids;
}

void Floor::observe(Time now, std::vector<production::WorkOrder> changed, const std::vector<std::string>& gone) {
  ended_.clear();
  // Units are numbered by their place in the plan, never by their ids, which may differ from run to run.
  std::sort(changed.begin(), changed.end(),
            [](const auto& a, const auto& b) { return place_in_plan(a) < place_in_plan(b); });
  for (auto& order : changed) {
    const std::string id = order.work_order_id();
    const std::string unit = order.unit_ids().empty() ? order.line_id() : order.unit_ids(0);
    order_labels_.try_emplace(id, labels_->work_order(order.order_id(), unit, id));
    show(std::move(order));
    adopt(now, orders_.at(id));
  }
  for (const auto& id : gone) forget(id);
  for (const auto& id : std::exchange(retracted_, {}))
    if (const auto* order = find(id); order != nullptr) adopt(now, *order);
  for (auto run = running_.begin(); run != running_.end();) {
    if (orders_.contains(run->first.first)) {
      ++run;
      continue;
    }
    free_at_[run->second.equipment_id] = now;
    run = running_.erase(run);
  }
}

void Floor::show(production::WorkOrder order) {
  const std::string id = order.work_order_id();
  forget(id);
  const auto& known = orders_.emplace(id, std::move(order)).first->second;
  if (known.state() == production::WORK_ORDER_STATE_OFFERED) offered_.insert(id);
  list(known);
}

void Floor::forget(std::string_view work_order_id) {
  const auto found = orders_.find(work_order_id);
  if (found == orders_.end()) return;
  unlist(found->second);
  offered_.erase(found->first);
  orders_.erase(found);
}

Floor::Waiting Floor::waiting(const production::WorkOrder& order, const production::WorkOrderOperation& op) const {
  return {to_time(op.planned_start()), order_labels_.at(order.work_order_id()), {order.work_order_id(), op.op_id()}};
}

void Floor::list(const production::WorkOrder& order) {
  if (!works(order)) return;
  for (const auto& op : order.operations())
    if (op.state() == production::OPERATION_STATE_ALLOWED_TO_START &&
        !told_.contains({order.work_order_id(), op.op_id()}))
      waiting_[op.equipment_id()].insert(waiting(order, op));
}

void Floor::unlist(const production::WorkOrder& order) {
  for (const auto& op : order.operations())
    if (const auto found = waiting_.find(op.equipment_id()); found != waiting_.end())
      found->second.erase(waiting(order, op));
}

void Floor::adopt(Time now, const production::WorkOrder& order) {
  // Above every number that the earlier simulator can have used for one operation.
  constexpr std::uint32_t kAdopted = 1000;
  for (const auto& op : order.operations()) {
    if (op.state() != production::OPERATION_STATE_RUNNING && op.state() != production::OPERATION_STATE_INTERRUPTED)
      continue;
    const Key key{order.work_order_id(), op.op_id()};
    if (!told_.insert(key).second) continue;  // it is not allowed to start, and so not listed
    const Time since = to_time(op.actual_start());
    running_[key] = {op.equipment_id(), since, std::max(now, since + duration(order, op)), false};
    report_numbers_[key] = kAdopted;
  }
}

std::vector<production::WorkOrderAnswer> Floor::answers() const {
  std::vector<production::WorkOrderAnswer> out;
  for (const auto& id : offered_) {
    const auto& order = orders_.find(id)->second;
    production::WorkOrderAnswer answer;
    answer.set_work_order_id(id);
    answer.set_revision(order.revision());
    answer.set_accepted(order.revision() > 1 ||
                        !draws_.chance("reject/" + order_labels_.at(id), options_.rejections_permille));
    if (!answer.accepted()) {
      answer.set_reason("TOOLING_UNAVAILABLE");
      out.push_back(std::move(answer));
      continue;
    }
    answer.mutable_job()->set_system("mes-" + plant_.plant_id());
    answer.mutable_job()->set_type("job");
    answer.mutable_job()->set_id(id);
    out.push_back(std::move(answer));
  }
  return out;
}

std::vector<FloorReport> Floor::advance(Time now) {
  std::vector<FloorReport> out;
  for (auto candidate = next(); candidate && candidate->at <= now; candidate = next()) {
    switch (candidate->rank) {
      case 0:
        end(*candidate, out);
        break;
      case 1:
        back_in_service(*candidate, out);
        break;
      case 2:
        break_down(*candidate, out);
        break;
      default:
        start(*candidate, out);
    }
  }
  horizon_ = now;
  return out;
}

void Floor::retract(const production::OperationReport& report) {
  const Key key{report.work_order_id(), report.op_id()};
  told_.erase(key);
  retracted_.insert(key.first);
  if (const auto* order = find(key.first); order != nullptr) list(*order);
  if (report.state() != production::OPERATION_STATE_RUNNING) return;
  const auto run = running_.find(key);
  if (run == running_.end()) return;
  free_at_[run->second.equipment_id] = run->second.start;
  running_.erase(run);
}

std::optional<Time> Floor::next_event() const {
  const auto candidate = next();
  if (!candidate) return std::nullopt;
  return candidate->at;
}

std::optional<Floor::Candidate> Floor::next() const {
  std::optional<Candidate> best = next_start();
  const auto offer = [&best](Candidate candidate) {
    const auto order = [](const Candidate& c) { return std::tie(c.at, c.rank, c.planned, c.label, c.key); };
    if (!best || order(candidate) < order(*best)) best = std::move(candidate);
  };
  for (const auto& [key, run] : running_)
    if (!run.interrupted) offer({run.end, 0, {}, order_labels_.at(key.first), key, 0});
  for (const auto& [equipment, down] : down_) offer({down.until, 1, {}, equipment, {equipment, ""}, 0});
  for (std::size_t i = 0; i < options_.breakdowns.size(); ++i) {
    const auto& breakdown = options_.breakdowns[i];
    // One that names no machine waits until one runs.
    if (breakdowns_done_.contains(i) || (breakdown.equipment_id.empty() && running_.empty())) continue;
    offer({std::max(breakdown.at, horizon_), 2, {}, {}, {breakdown.equipment_id, ""}, i});
  }
  return best;
}

// On one machine what is planned first can start first: only that is looked at, and what may follow something that
// ended in this very stretch.
std::optional<Floor::Candidate> Floor::next_start() const {
  std::optional<Candidate> best;
  const auto offer = [&](const production::WorkOrder& order, const production::WorkOrderOperation& op) {
    auto at = candidate(order, op);
    if (at && (!best || std::tie(at->at, at->planned, at->label, at->key) <
                            std::tie(best->at, best->planned, best->label, best->key)))
      best = std::move(at);
  };
  for (const auto& [equipment, waiting] : waiting_) {
    if (waiting.empty()) continue;
    const auto& [id, op_id] = waiting.begin()->key;
    const auto& order = orders_.find(id)->second;
    offer(order, *find_operation(order, op_id));
  }
  for (const auto& [key, at] : ended_) {
    const auto* order = find(key.first);
    if (order == nullptr || !works(*order)) continue;
    for (const auto& op : order->operations())
      if (op.state() == production::OPERATION_STATE_NOT_ALLOWED) offer(*order, op);
  }
  return best;
}

std::optional<Floor::Candidate> Floor::candidate(const production::WorkOrder& order,
                                                 const production::WorkOrderOperation& op) const {
  const auto at = start_of(order, op);
  if (!at) return std::nullopt;
  auto next = waiting(order, op);
  return Candidate{*at, 3, next.planned, std::move(next.label), std::move(next.key), 0};
}

// Since when the operation may start, as far as we know; nothing while it may not.
std::optional<Time> Floor::ready_at(const production::WorkOrder& order,
                                    const production::WorkOrderOperation& op) const {
  if (told_.contains({order.work_order_id(), op.op_id()})) return std::nullopt;
  if (op.state() == production::OPERATION_STATE_ALLOWED_TO_START) return horizon_;
  if (op.state() != production::OPERATION_STATE_NOT_ALLOWED || op.predecessors().empty()) return std::nullopt;
  // Its last predecessor ended in this very stretch, and nothing is measured at it: the operator simply goes on.
  Time ready = horizon_;
  bool fresh = false;
  for (const auto& predecessor : op.predecessors()) {
    const auto* before = find_operation(order, predecessor);
    if (before == nullptr || !before->characteristic_ids().empty()) return std::nullopt;
    if (const auto found = ended_.find({order.work_order_id(), predecessor}); found != ended_.end()) {
      ready = std::max(ready, found->second);
      fresh = true;
    } else if (before->state() != production::OPERATION_STATE_ENDED) {
      return std::nullopt;
    }
  }
  return fresh ? std::optional(ready) : std::nullopt;
}

std::optional<Time> Floor::start_of(const production::WorkOrder& order,
                                    const production::WorkOrderOperation& op) const {
  const auto ready = ready_at(order, op);
  if (!ready || occupied(op.equipment_id())) return std::nullopt;
  Time at = std::max({*ready, to_time(op.planned_start()), horizon_});
  if (const auto free = free_at_.find(op.equipment_id()); free != free_at_.end()) at = std::max(at, free->second);
  if (const auto calendar = calendars_.find(op.equipment_id()); calendar != calendars_.end())
    at = calendar->second->next_working(at);
  if (at == planning::kNever) return std::nullopt;
  return at;
}

bool Floor::occupied(const std::string& equipment_id) const {
  if (equipment_id.empty()) return false;
  if (down_.contains(equipment_id)) return true;
  return std::any_of(running_.begin(), running_.end(),
                     [&](const auto& run) { return run.second.equipment_id == equipment_id; });
}

// From the plan's own span, which knows the shifts: later by what the work takes more, earlier by what it takes less.
Duration Floor::duration(const production::WorkOrder& order, const production::WorkOrderOperation& op) const {
  const Duration planned = std::chrono::seconds(op.planned_seconds());
  const Duration span = std::max(to_time(op.planned_end()) - to_time(op.planned_start()), planned);
  const double factor =
      draws_.spread("time/" + order_labels_.at(order.work_order_id()) + "/" + op.op_id(), options_.variation);
  const auto actual = std::chrono::duration_cast<std::chrono::seconds>(planned * factor);
  return std::max<Duration>(span + actual - planned, std::chrono::seconds(1));
}

void Floor::start(const Candidate& candidate, std::vector<FloorReport>& out) {
  const auto& order = orders_.at(candidate.key.first);
  const auto& op = *find_operation(order, candidate.key.second);
  running_[candidate.key] = {op.equipment_id(), candidate.at, candidate.at + duration(order, op), false};
  told_.insert(candidate.key);
  if (const auto found = waiting_.find(op.equipment_id()); found != waiting_.end())
    found->second.erase(waiting(order, op));
  out.emplace_back(report(candidate.key, production::OPERATION_STATE_RUNNING, candidate.at));
}

void Floor::end(const Candidate& candidate, std::vector<FloorReport>& out) {
  const auto run = running_.at(candidate.key);
  const auto& order = orders_.at(candidate.key.first);
  auto ended = report(candidate.key, production::OPERATION_STATE_ENDED, candidate.at);
  ended.set_good_quantity(order.quantity());
  add_lots(order, candidate.key.second, ended);
  out.emplace_back(std::move(ended));
  running_.erase(candidate.key);
  free_at_[run.equipment_id] = candidate.at;
  ended_[candidate.key] = candidate.at;
  ++ended_count_;
}

void Floor::break_down(const Candidate& candidate, std::vector<FloorReport>& out) {
  const auto& breakdown = options_.breakdowns[candidate.breakdown];
  std::string equipment = breakdown.equipment_id;
  if (equipment.empty()) {
    const auto busiest = std::max_element(running_.begin(), running_.end(), [this](const auto& a, const auto& b) {
      return std::tie(a.second.end, order_labels_.at(a.first.first)) <
             std::tie(b.second.end, order_labels_.at(b.first.first));
    });
    equipment = busiest->second.equipment_id;
  }
  breakdowns_done_.insert(candidate.breakdown);
  ++breakdowns_begun_;
  const Time back = candidate.at + breakdown.length;
  for (auto& [key, run] : running_) {
    if (run.equipment_id != equipment || run.interrupted) continue;
    run.interrupted = true;
    run.end += breakdown.length;
    out.emplace_back(report(key, production::OPERATION_STATE_INTERRUPTED, candidate.at));
  }
  down_[equipment] = {candidate.at, back};
  production::ReportEquipmentRequest down;
  down.set_plant_id(plant_.plant_id());
  down.set_equipment_id(equipment);
  *down.mutable_occurred_at() = to_timestamp(candidate.at);
  *down.mutable_expected_back() = to_timestamp(back);
  down.set_reason("BREAKDOWN");
  out.emplace_back(std::move(down));
}

void Floor::back_in_service(const Candidate& candidate, std::vector<FloorReport>& out) {
  const std::string& equipment = candidate.key.first;
  down_.erase(equipment);
  free_at_[equipment] = std::max(free_at_[equipment], candidate.at);
  production::ReportEquipmentRequest up;
  up.set_plant_id(plant_.plant_id());
  up.set_equipment_id(equipment);
  up.set_available(true);
  *up.mutable_occurred_at() = to_timestamp(candidate.at);
  out.emplace_back(std::move(up));
  for (auto& [key, run] : running_) {
    if (run.equipment_id != equipment || !run.interrupted) continue;
    run.interrupted = false;
    out.emplace_back(report(key, production::OPERATION_STATE_RUNNING, candidate.at));
  }
}

production::OperationReport Floor::report(const Key& key, OperationState state, Time at) {
  const auto& order = orders_.at(key.first);
  production::OperationReport out;
  out.set_work_order_id(key.first);
  out.set_revision(order.revision());
  out.set_op_id(key.second);
  out.set_report_number(++report_numbers_[key]);
  out.set_state(state);
  *out.mutable_occurred_at() = to_timestamp(at);
  out.set_equipment_id(running_.at(key).equipment_id);
  out.set_operator_ref("opr-" + std::to_string(draws_.below("operator/" + out.equipment_id(), 40) + 1));
  return out;
}

void Floor::add_lots(const production::WorkOrder& order, const std::string& op_id,
                     production::OperationReport& report) const {
  const bool first = !order.operations().empty() && order.operations(0).op_id() == op_id;
  for (const auto& item : order.bom()) {
    if (item.op_id() != op_id && !(item.op_id().empty() && first)) continue;
    if (const auto lot = lots_.find(item.item().item_id()); lot != lots_.end()) report.add_lot_ids(lot->second);
  }
}

}  // namespace loomline::factory
