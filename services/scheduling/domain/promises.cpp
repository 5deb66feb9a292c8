#include "domain/promises.hpp"

#include <algorithm>

#include "domain/plant_model.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

constexpr std::uint32_t kPermille = 900;

void set_window(v1::Promise& promise, const planning::Window& window) {
  *promise.mutable_window()->mutable_earliest() = to_timestamp(window.earliest);
  *promise.mutable_window()->mutable_latest() = to_timestamp(window.latest);
}

std::uint32_t permille_of(const v1::Promise& promise) {
  return promise.probability_permille() == 0 ? kPermille : promise.probability_permille();
}

template <class Event>
void say(PlantStep& step, const Order& order, const v1::Promise& promise) {
  Event event;
  event.set_order_id(order.order_id());
  *event.mutable_promise() = promise;
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
}

void revise(PlantStep& step, const Order& order, Line& line, const v1::Promise& next, v1::PromiseReason reason) {
  auto& promise = *line.mutable_promise();
  promise.set_supersedes(promise.promise_id());
  promise.set_promise_id(step.step.mint(prefix::promise));
  promise.set_revision(promise.revision() + 1);
  *promise.mutable_window() = next.window();
  promise.set_reason(reason);
  promise.set_caused_by(step.step.cause().id);
  say<v1::PromiseRevised>(step, order, promise);
}

struct Last {
  Time finish = Time::min();
  std::uint64_t number = 0;
  // Of those that are finished together, the first counts.
  void consider(Time at, std::uint64_t unit) {
    if (at > finish || (at == finish && unit < number)) *this = {at, unit};
  }
};

// The indexes are as of the last step: what this one touched is looked at itself.
Last last_of(const PlantStep& step, const std::string& units) {
  Last last;
  const auto& store = step.step.all_parts();
  const auto& touched = store.touched();
  const auto collection = store.collection_of(Unit::descriptor());
  for (auto it = touched.lower_bound({collection, units});
       it != touched.end() && it->first == collection && it->second.starts_with(units); ++it)
    if (const auto* unit = step.units.find(it->second); unit != nullptr && counts(*unit))
      if (const auto* job = step.plan().find(job_id(*unit)); job != nullptr)
        last.consider(job->finish(), unit->number());
  const auto& finishes = step.board.index.finishes;
  for (const auto* key = finishes.last_before(std::tuple(units + "~", Time::min(), std::uint64_t{0}));
       key != nullptr && std::get<0>(*key) == units; key = finishes.last_before(*key)) {
    const auto& [line, finish, number] = *key;
    if (finish < last.finish) break;
    if (!touched.contains({collection, units + twelve_digits(number)})) last.consider(finish, number);
  }
  return last;
}

// The unit that is finished last by the plan; nullptr where none is in the plan, or one has no place in it.
const planning::Job* last_job(const PlantStep& step, const Order& order) {
  Last last;
  for (const auto& line : order.lines()) {
    if (line.tally().waiting() > 0) return nullptr;
    const auto own = last_of(step, units_of(order.order_id(), line.line_id()));
    if (own.number != 0) last.consider(own.finish, own.number);
  }
  const auto* name = last.number == 0 ? nullptr : step.unit_by_number(last.number);
  const auto* unit = name == nullptr ? nullptr : step.units.find(*name);
  const auto* job = unit == nullptr ? nullptr : step.plan().find(job_id(*unit));
  return job == nullptr || job->finish() == planning::kNever ? nullptr : job;
}

// The windows by which a promise is judged: as likely as not, and as sure as it was asked for.
struct Outlook {
  planning::Window even, sure;
};

std::optional<Outlook> outlook(const PlantStep& step, const Order& order, std::uint32_t permille) {
  const auto dispatch = dispatch_of(step.model(), order.country(), order.zone());
  const double share = permille / 1000.0;
  if (const auto* shipment = step.shipments.find(order.shipment_id()); shipment != nullptr) {
    const auto left = shipment->dispatched_at() != 0 ? from_micros(shipment->dispatched_at())
                                                     : std::max(step.now, from_micros(shipment->planned_dispatch()));
    return Outlook{planning::arrival_window(dispatch, left, 0.5), planning::arrival_window(dispatch, left, share)};
  }
  const auto* job = last_job(step, order);
  if (job == nullptr) return std::nullopt;
  const auto even = planning::promise(step.plan(), *job, dispatch, 0.5, step.now);
  const auto sure = planning::promise(step.plan(), *job, dispatch, share, step.now);
  if (!even || !sure) return std::nullopt;
  return Outlook{even->delivery, sure->delivery};
}

}  // namespace

Result<v1::Promise> offer(const planning::Plan& plan, const v1::Plant& plant, const planning::Job& job,
                          std::string_view country, const std::string& zone, std::uint32_t permille, Time now) {
  const auto dispatch = dispatch_of(plant, country, zone);
  const auto made = planning::promise(plan, job, dispatch, permille / 1000.0, now);
  if (!made) return made.status();
  v1::Promise promise;
  set_window(promise, made->delivery);
  promise.set_zone(dispatch.zone);
  promise.set_probability_permille(permille);
  promise.set_milestone(production::v1::MILESTONE_DELIVERED);
  return promise;
}

void make_promise(PlantStep& step, Order& order, Line& line) {
  const auto quoted = line.promise();
  const auto permille = permille_of(quoted);
  const auto last = last_of(step, units_of(order.order_id(), line.line_id()));
  const auto* name = step.unit_by_number(last.number);
  const auto* job = name == nullptr ? nullptr : step.plan().find(job_id(*step.units.find(*name)));
  if (job == nullptr) throw std::logic_error("line " + line.line_id() + " is placed and has no job in the plan");
  auto made = offer(step.plan(), step.model(), *job, order.country(), order.zone(), permille, step.now);
  if (!made) return;  // the dock never works again: no promise is better than a false one
  // What was quoted holds where it is still as sure as it was said to be.
  if (quoted.has_window() && to_time(made->window().latest()) <= to_time(quoted.window().latest()))
    *made->mutable_window() = quoted.window();
  made->set_promise_id(step.step.mint(prefix::promise));
  made->set_order_id(order.order_id());
  made->set_line_id(line.line_id());
  made->set_revision(1);
  made->set_reason(v1::PROMISE_REASON_FIRST_CONFIRMED);
  made->set_caused_by(step.step.cause().id);
  *line.mutable_promise() = *made;
  say<v1::PromiseMade>(step, order, *made);
}

namespace {

// The promise that takes the place of the one in force; no reason: that one holds.
struct Judgement {
  v1::Promise next;
  v1::PromiseReason reason = v1::PROMISE_REASON_UNSPECIFIED;
};

Judgement judge(const PlantStep& step, const Order& order, const Line& line, v1::PromiseReason reason) {
  Judgement judgement;
  if (line.promise().revision() == 0) return judgement;
  const auto seen = outlook(step, order, permille_of(line.promise()));
  if (!seen) return judgement;
  const auto& window = line.promise().window();
  set_window(judgement.next, seen->sure);
  if (seen->even.latest > to_time(window.latest())) {
    const auto disturbed = line.disturbed_by();
    judgement.reason = disturbed != v1::PROMISE_REASON_UNSPECIFIED ? disturbed : reason;
    if (judgement.reason == v1::PROMISE_REASON_EARLIER) judgement.reason = v1::PROMISE_REASON_OPERATION_LATE;
  } else if (seen->sure.latest <= to_time(window.earliest())) {
    judgement.reason = v1::PROMISE_REASON_EARLIER;
  }
  return judgement;
}

}  // namespace

void review_promises(PlantStep& step, const std::string& order_id, v1::PromiseReason reason) {
  const auto* order = step.orders.find(order_id);
  if (order == nullptr || order->cancelled()) return;
  for (int i = 0; i < order->lines_size(); ++i) {
    const auto judgement = judge(step, *order, order->lines(i), reason);
    if (judgement.reason == v1::PROMISE_REASON_UNSPECIFIED) continue;
    auto& edited = *step.orders.edit(order_id);
    order = &edited;
    auto& line = *edited.mutable_lines(i);
    revise(step, edited, line, judgement.next, judgement.reason);
    if (judgement.reason != v1::PROMISE_REASON_EARLIER) line.clear_disturbed_by();
  }
}

}  // namespace loomline::scheduling::domain
