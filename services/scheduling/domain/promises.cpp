// Promises: made from the plan, kept true against it.
#include <algorithm>

#include "domain/network.hpp"
#include "domain/plant_model.hpp"
#include "domain/work.hpp"

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
void say(Work& work, const Order& order, const v1::Promise& promise) {
  Event event;
  event.set_order_id(order.order_id());
  *event.mutable_promise() = promise;
  *event.mutable_occurred_at() = to_timestamp(work.now);
  work.step.publish(event);
}

void revise(Work& work, const Order& order, Line& line, const v1::Promise& next, v1::PromiseReason reason) {
  auto& promise = *line.mutable_promise();
  promise.set_supersedes(promise.promise_id());
  promise.set_promise_id(work.step.mint(prefix::promise));
  promise.set_revision(promise.revision() + 1);
  *promise.mutable_window() = next.window();
  promise.set_reason(reason);
  promise.set_caused_by(work.step.cause().id);
  say<v1::PromiseRevised>(work, order, promise);
}

// The unit that is finished last by the plan; nullptr where none is in the plan, or one has no place in it.
const planning::Job* last_job(const Work& work, const Order& order) {
  const planning::Job* last = nullptr;
  for (const auto& line : order.lines())
    for (const auto& unit : line.units()) {
      if (!counts(unit) || unit.state() == state::v1::UNIT_STATE_COMPLETED) continue;
      const auto* job = work.plan->find(job_id(unit));
      if (job == nullptr || job->finish() == planning::kNever) return nullptr;
      if (last == nullptr || job->finish() > last->finish()) last = job;
    }
  return last;
}

// The windows by which a promise is judged: as likely as not, and as sure as it was asked for.
struct Outlook {
  planning::Window even, sure;
};

std::optional<Outlook> outlook(const Work& work, const Order& order, std::uint32_t permille) {
  const auto dispatch = dispatch_of(work.state.plant(), order.country(), order.zone());
  const double share = permille / 1000.0;
  if (order.has_shipment()) {
    const auto left = order.shipment().dispatched_at() != 0
                          ? from_micros(order.shipment().dispatched_at())
                          : std::max(work.now, from_micros(order.shipment().planned_dispatch()));
    return Outlook{planning::arrival_window(dispatch, left, 0.5), planning::arrival_window(dispatch, left, share)};
  }
  const auto* job = last_job(work, order);
  if (job == nullptr) return std::nullopt;
  const auto even = planning::promise(*work.plan, *job, dispatch, 0.5, work.now);
  const auto sure = planning::promise(*work.plan, *job, dispatch, share, work.now);
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

void make_promise(Work& work, Order& order, Line& line) {
  const auto quoted = line.promise();
  const auto permille = permille_of(quoted);
  const planning::Job* last = nullptr;
  for (const auto& unit : line.units()) {
    const auto* job = work.plan->find(job_id(unit));
    if (last == nullptr || job->finish() > last->finish()) last = job;
  }
  auto made = offer(*work.plan, work.state.plant(), *last, order.country(), order.zone(), permille, work.now);
  if (!made) return;  // the dock never works again: no promise is better than a false one
  // What was quoted holds where it is still as sure as it was said to be.
  if (quoted.has_window() && to_time(made->window().latest()) <= to_time(quoted.window().latest()))
    *made->mutable_window() = quoted.window();
  made->set_promise_id(work.step.mint(prefix::promise));
  made->set_order_id(order.order_id());
  made->set_line_id(line.line_id());
  made->set_revision(1);
  made->set_reason(v1::PROMISE_REASON_FIRST_CONFIRMED);
  made->set_caused_by(work.step.cause().id);
  *line.mutable_promise() = *made;
  say<v1::PromiseMade>(work, order, *made);
}

void review_promises(Work& work, Order& order, v1::PromiseReason reason) {
  if (order.cancelled()) return;
  for (auto& line : *order.mutable_lines()) {
    if (line.promise().revision() == 0) continue;
    const auto seen = outlook(work, order, permille_of(line.promise()));
    if (!seen) continue;
    const auto& window = line.promise().window();
    v1::Promise next;
    set_window(next, seen->sure);
    if (seen->even.latest > to_time(window.latest())) {
      const auto disturbed = line.disturbed_by();
      auto why = disturbed != v1::PROMISE_REASON_UNSPECIFIED ? disturbed : reason;
      if (why == v1::PROMISE_REASON_EARLIER) why = v1::PROMISE_REASON_OPERATION_LATE;
      revise(work, order, line, next, why);
      line.clear_disturbed_by();
    } else if (seen->sure.latest <= to_time(window.earliest())) {
      revise(work, order, line, next, v1::PROMISE_REASON_EARLIER);
    }
  }
}

}  // namespace loomline::scheduling::domain
