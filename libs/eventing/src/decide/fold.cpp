#include "src/decide/fold.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "loomline/base/hash.hpp"
#include "src/decide/utf8.hpp"
#include "src/faults.hpp"

namespace loomline::eventing {

std::string_view timer_handler_name(std::string_view name) { return name.substr(0, name.find('/')); }

Offer timer_offer(const KeyId& id, const std::string& name, Time due, std::string payload) {
  Offer offer;
  offer.timer = true;
  offer.id = "timer/" + id.kind + "/" + id.key + "/" + name + "/" + std::to_string(micros(due));
  offer.type = name;
  offer.source = "timer/" + name;
  offer.body = std::move(payload);
  return offer;
}

Fold::Fold(const Registry& registry, std::shared_ptr<Resident> resident)
    : registry_(registry),
      resident_(std::move(resident)),
      before_(mark()),
      before_exists_(resident_->exists),
      before_last_time_(resident_->last_time),
      before_parked_(resident_->parked),
      before_waiting_(resident_->waiting) {}

Fold::Mark Fold::mark() const {
  const auto& r = *resident_;
  if (!r.def->large()) return {};
  return {r.parts, r.derived == nullptr ? nullptr : r.derived->copy()};
}

void Fold::checkpoint() {
  if (checkpoint_fresh_) return;
  checkpoint_ = resident_->state->SerializeAsString();
  checkpoint_fresh_ = true;
}

void Fold::restore(Mark mark) {
  auto& r = *resident_;
  r.state->Clear();
  if (r.exists && r.unreadable.empty()) r.state->ParseFromString(state_bytes());
  if (!r.def->large()) return;
  r.parts = std::move(mark.parts);
  r.derived = std::move(mark.derived);
}

const std::string& Fold::state_bytes() {
  if (!state_changed_) return resident_->bytes;
  checkpoint();
  return checkpoint_;
}

void Fold::last_time(Time time) {
  resident_->last_time = time;
  touched_ = true;
}

void Fold::keep(std::int64_t version) {
  auto& r = *resident_;
  if (state_changed_) {
    checkpoint();
    r.bytes = std::move(checkpoint_);
  }
  r.version = version;
  for (auto& waiting : r.waiting) waiting.stored = true;
}

void Fold::undo() {
  if (faults::planted(faults::Bug::keep_after_undo)) return;
  auto& r = *resident_;
  const bool changed = state_changed_;
  state_changed_ = false;  // state_bytes() is again what was committed
  r.exists = before_exists_;
  if (changed)
    restore(std::move(before_));
  else if (r.def->large()) {
    r.parts = std::move(before_.parts);
    r.derived = std::move(before_.derived);
  }
  r.last_time = before_last_time_;
  r.parked = std::move(before_parked_);
  r.waiting = std::move(before_waiting_);
}

// Of a newer program, which was here before this one: it waits for that program, and nothing waits behind it.
bool Fold::strange(const Offer& offer) const {
  const auto& def = *resident_->def;
  if (offer.timer) return !def.timers.contains(timer_handler_name(offer.type));
  return !def.events.contains(offer.type) && registry_.catalog().topic_of(offer.type) == nullptr;
}

Verdict Fold::offer(const Offer& offer, const Moment& moment) {
  const bool behind = std::any_of(waiting().begin(), waiting().end(), [&](const Waiting& waiting) {
    return waiting.offer.source == offer.source && !strange(waiting.offer);
  });
  if (!parked().empty() || behind) {
    const std::string reason = parked().empty() ? "queued behind an earlier event of its source" : "the key is parked";
    resident_->waiting.push_back({offer, reason});
    touched_ = true;
    return Verdict::not_yet(reason);
  }
  auto verdict = apply(offer, moment);
  if (verdict.kind() == Verdict::Kind::not_yet) {
    if (faults::planted(faults::Bug::forget_not_yet)) return verdict;
    resident_->waiting.push_back({offer, storable(verdict.reason(), 500)});
    touched_ = true;
  } else if (verdict.kind() == Verdict::Kind::refused) {
    park(offer, verdict.reason(), moment);
  } else if (verdict.kind() == Verdict::Kind::applied) {
    settle(moment);
  }
  return verdict;
}

void Fold::set_aside(const Offer& offer, std::string reason) {
  resident_->waiting.push_back({offer, storable(reason, 500), false, true});
  touched_ = true;
}

void Fold::offer_aside(const Moment& moment) { settle(moment); }

void Fold::condemn(const Offer& offer, std::string reason, const Moment& moment) {
  park(offer, std::move(reason), moment);
}

void Fold::park(const Offer& offer, std::string reason, const Moment& moment) {
  // Deterministic: the same message refused at the same place has one dead letter.
  auto letter = mint_id("dlq", moment.wall, registry_.service() + "/" + id().kind + "/" + id().key + "/" + offer.id);
  if (!faults::planted(faults::Bug::lose_park)) resident_->parked = letter;
  touched_ = true;
  dead_.push_back({std::move(letter), offer, storable(reason, 2000)});
}

Verdict Fold::apply(const Offer& offer, const Moment& moment) {
  if (!resident_->unreadable.empty()) return Verdict::refused(resident_->unreadable);
  checkpoint();
  Cause cause;
  cause.tenant = id().tenant;
  cause.key = id().key;
  cause.id = offer.id;
  cause.type = offer.type;
  cause.source = offer.timer ? registry_.service() : offer.source;
  cause.recorded = offer.recorded;
  cause.now = moment.now;
  cause.traceparent = offer.traceparent;
  auto back = mark();
  Step step(cause, exists(), &resident_->parts, resident_->derived.get());
  auto verdict = Verdict::ignored();
  std::vector<Outgoing> outgoing;
  try {
    verdict = call(offer, step);
    if (verdict.kind() == Verdict::Kind::applied) outgoing = read_back(step, cause, moment);
  } catch (const std::exception& error) {
    verdict = Verdict::refused(std::string("the handler failed: ") + error.what());
  }
  if (verdict.kind() == Verdict::Kind::applied) {
    absorb(step, std::move(outgoing));
  } else {
    restore(std::move(back));
  }
  return verdict;
}

Verdict Fold::call(const Offer& offer, Step& step) {
  if (offer.timer) {
    const auto handler = resident_->def->timers.find(timer_handler_name(offer.type));
    if (handler == resident_->def->timers.end()) return Verdict::refused("no handler takes timer " + offer.type);
    const std::unique_ptr<Message> payload(handler->second.prototype->New());
    if (!payload->ParseFromString(offer.body)) return Verdict::refused("the timer's payload is not readable");
    return handler->second.apply(*resident_->state, *payload, step);
  }
  const auto handler = resident_->def->events.find(offer.type);
  if (handler == resident_->def->events.end())
    return Verdict::ignored();  // it was heard when it was queued, and is no longer
  const std::unique_ptr<Message> event(handler->second.prototype->New());
  if (!event->ParseFromString(offer.body)) return Verdict::refused("the body is not a " + offer.type);
  const auto* topic = registry_.catalog().topic_of(offer.type);
  if (topic != nullptr && !has_key(*topic, *event, id().key))
    return Verdict::refused("field " + topic->key_field() + " of the body is not the message's key");
  return handler->second.apply(*resident_->state, *event, step);
}

Status Fold::command(const CommandHandler& handler, const Message& request, Message& response, Cause cause,
                     const Moment& moment) {
  if (!parked().empty()) {
    return failed_precondition("KEY_PARKED", id().kind + " " + id().key + " is parked by dead letter " + parked() +
                                                 "; an operator must replay or drop it first.");
  }
  if (!resident_->unreadable.empty())
    return failed_precondition("STATE_UNREADABLE", id().kind + " " + id().key + ": " + resident_->unreadable +
                                                       "; run the version that wrote it, or a newer one.");
  checkpoint();
  cause.tenant = id().tenant;
  cause.key = id().key;
  auto back = mark();
  Step step(cause, exists(), &resident_->parts, resident_->derived.get());
  Status status;
  std::vector<Outgoing> outgoing;
  try {
    status = handler.apply(*resident_->state, request, response, step);
    if (status.ok()) outgoing = read_back(step, cause, moment);
  } catch (const std::exception& error) {
    status = internal("Command " + handler.method + " failed: " + error.what());
  }
  if (!status.ok()) {
    restore(std::move(back));
    return status;
  }
  absorb(step, std::move(outgoing));
  settle(moment);
  return status;
}

std::vector<Outgoing> Fold::read_back(const Step& step, const Cause& cause, const Moment& moment) {
  std::vector<Outgoing> outgoing;
  for (const auto& event : step.published()) {
    const std::string& type = event->GetDescriptor()->full_name();
    const auto* topic = registry_.catalog().topic_of(type);
    if (topic == nullptr) throw std::logic_error("published " + type + ", which no topic declares");
    if (topic->owner() != registry_.service()) {
      throw std::logic_error("published " + type + ", which belongs to " + topic->owner());
    }
    Outgoing one{topic,
                 id().tenant,
                 key_of(*topic, *event),
                 type,
                 event->SerializeAsString(),
                 cause.id,
                 cause.traceparent,
                 faults::planted(faults::Bug::time_before_cause) ? moment.wall
                                                                 : std::max(moment.wall, cause.recorded + Duration(1)),
                 moment.order,
                 this};
    if (one.key.size() > 500 || !is_storable(one.key))
      throw std::logic_error("published " + type + " with an illegal key");
    if (one.body.size() > kLargestEvent) {
      throw std::logic_error("published " + type + " of " + std::to_string(one.body.size()) + " bytes; the limit is " +
                             std::to_string(kLargestEvent));
    }
    outgoing.push_back(std::move(one));
  }
  for (const auto& timer : step.timers())
    if (timer.due && !resident_->def->timers.contains(timer_handler_name(timer.name)))
      throw std::logic_error("sets timer " + timer.name + ", which no handler takes");
  for (const auto& index : step.indexes()) {
    if (!std::all_of(index.values.begin(), index.values.end(), is_storable)) {
      throw std::logic_error("index " + index.name + " holds a value that is not UTF-8 text");
    }
  }
  return outgoing;
}

void Fold::absorb(const Step& step, std::vector<Outgoing> outgoing) {
  auto& r = *resident_;
  if (faults::planted(faults::Bug::publish_twice)) out_.insert(out_.end(), outgoing.begin(), outgoing.end());
  for (auto& one : outgoing) out_.push_back(std::move(one));
  for (const auto& change : step.timers()) timers_[change.name] = change;
  for (const auto& change : step.indexes()) indexes_[change.name] = change.values;
  state_changed_ = true;
  touched_ = true;
  checkpoint_fresh_ = false;
  r.exists = !step.forgotten();
  if (step.forgotten()) {
    r.state->Clear();
    checkpoint_.clear();
    checkpoint_fresh_ = true;
    for (std::size_t c = 0; c < r.def->collections.size(); ++c) {
      std::vector<std::string> names;
      for (const auto entry : r.parts.map(c)) names.push_back(entry.key);
      for (const auto& name : names) r.parts.erase(c, name);
    }
    r.derive();
  }
  touched_parts_.merge(r.parts.take_touched());
}

void Fold::settle(const Moment& moment) {
  auto& waiting = resident_->waiting;
  bool progress = true;
  while (progress && parked().empty() && !waiting.empty()) {
    progress = false;
    std::set<std::string, std::less<>> blocked;
    for (std::size_t i = 0; i < waiting.size() && parked().empty();) {
      if (blocked.contains(waiting[i].offer.source) || strange(waiting[i].offer)) {
        ++i;
        continue;
      }
      const auto verdict = apply(waiting[i].offer, moment);
      if (verdict.kind() == Verdict::Kind::not_yet) {
        blocked.insert(waiting[i].offer.source);
        waiting[i].reason = verdict.reason();
        ++i;
        continue;
      }
      if (verdict.kind() == Verdict::Kind::refused) park(waiting[i].offer, verdict.reason(), moment);
      progress = progress || verdict.kind() == Verdict::Kind::applied;
      if (waiting[i].stored) settled_.push_back(waiting[i].offer.id);
      waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
      touched_ = true;
    }
  }
}

Verdict Fold::replay(const Offer& offer, const Moment& moment) {
  auto verdict = apply(offer, moment);
  if (verdict.kind() == Verdict::Kind::applied || verdict.kind() == Verdict::Kind::ignored) drop(moment);
  return verdict;
}

void Fold::drop(const Moment& moment) {
  resident_->parked.clear();
  touched_ = true;
  settle(moment);
}

std::vector<const Outgoing*> assign_times(const std::vector<Fold*>& folds, int partitions) {
  std::vector<Outgoing*> out;
  for (auto* fold : folds)
    for (auto& one : fold->out()) out.push_back(&one);
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
  std::map<std::pair<const Topic*, int>, Time> chains;
  for (auto* one : out) {
    auto& chain = chains[{one->topic, lane_of(one->key, partitions)}];
    one->time = std::max({one->time, chain + Duration(1), one->from->last_time() + Duration(1)});
    chain = one->time;
    one->from->last_time(one->time);
  }
  return {out.begin(), out.end()};
}

}  // namespace loomline::eventing
