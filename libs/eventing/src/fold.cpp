#include "src/fold.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "loomline/base/hash.hpp"
#include "src/utf8.hpp"

namespace loomline::eventing {

std::string_view timer_handler_name(std::string_view name) { return name.substr(0, name.find('/')); }

Fold::Fold(const Registry& registry, const AggregateDef& def, std::string tenant, std::string key, Loaded loaded,
           std::vector<Outgoing>& out)
    : last_time(loaded.last_time),
      registry_(registry),
      def_(def),
      tenant_(std::move(tenant)),
      key_(std::move(key)),
      out_(out),
      state_(def.prototype->New(&arena_)),
      exists_(loaded.exists),
      checkpoint_(std::move(loaded.state)),
      version_(loaded.version),
      parked_(std::move(loaded.parked)) {
  if (exists_ && !state_->ParseFromString(checkpoint_)) {
    throw std::runtime_error("the state of " + def.kind + " " + key_ + " is not a " +
                             def.prototype->GetDescriptor()->full_name());
  }
  for (auto& waiting : loaded.waiting) waiting_.push_back(std::move(waiting));
}

void Fold::checkpoint() {
  if (checkpoint_fresh_) return;
  checkpoint_ = state_->SerializeAsString();
  checkpoint_fresh_ = true;
}

void Fold::restore() {
  state_->Clear();
  if (exists_) state_->ParseFromString(checkpoint_);
}

const std::string& Fold::state_bytes() {
  checkpoint();
  return checkpoint_;
}

Verdict Fold::offer(const Offer& offer, const Moment& moment) {
  const bool behind = std::any_of(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& waiting) { return waiting.offer.source == offer.source; });
  if (!parked_.empty() || behind) {
    const std::string reason = parked_.empty() ? "queued behind an earlier event of its source" : "the key is parked";
    waiting_.push_back({0, offer, reason});
    touched_ = true;
    return Verdict::not_yet(reason);
  }
  auto verdict = apply(offer, moment);
  if (verdict.kind() == Verdict::Kind::not_yet) {
    waiting_.push_back({0, offer, storable(verdict.reason(), 500)});
    touched_ = true;
  } else if (verdict.kind() == Verdict::Kind::refused) {
    park(offer, verdict.reason(), moment);
  } else if (verdict.kind() == Verdict::Kind::applied) {
    settle(moment);
  }
  return verdict;
}

void Fold::condemn(const Offer& offer, std::string reason, const Moment& moment) {
  park(offer, std::move(reason), moment);
}

void Fold::park(const Offer& offer, std::string reason, const Moment& moment) {
  // Deterministic: the same message refused at the same place has one dead letter.
  auto id = mint_id("dlq", moment.wall, registry_.service() + "/" + def_.kind + "/" + key_ + "/" + offer.id);
  parked_ = id;
  touched_ = true;
  dead_.push_back({std::move(id), offer, storable(reason, 2000)});
}

Verdict Fold::apply(const Offer& offer, const Moment& moment) {
  checkpoint();
  Cause cause;
  cause.tenant = tenant_;
  cause.key = key_;
  cause.id = offer.id;
  cause.type = offer.type;
  cause.source = offer.timer ? registry_.service() : offer.source;
  cause.recorded = offer.recorded;
  cause.now = moment.now;
  cause.traceparent = offer.traceparent;
  Step step(cause, exists_);
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
    restore();
  }
  return verdict;
}

Verdict Fold::call(const Offer& offer, Step& step) {
  if (offer.timer) {
    const auto handler = def_.timers.find(timer_handler_name(offer.type));
    if (handler == def_.timers.end()) return Verdict::refused("no handler takes timer " + offer.type);
    const std::unique_ptr<Message> payload(handler->second.prototype->New());
    if (!payload->ParseFromString(offer.body)) return Verdict::refused("the timer's payload is not readable");
    return handler->second.apply(*state_, *payload, step);
  }
  const auto handler = def_.events.find(offer.type);
  if (handler == def_.events.end()) return Verdict::ignored();  // it was heard when it was queued, and is no longer
  const std::unique_ptr<Message> event(handler->second.prototype->New());
  if (!event->ParseFromString(offer.body)) return Verdict::refused("the body is not a " + offer.type);
  return handler->second.apply(*state_, *event, step);
}

Status Fold::command(const CommandHandler& handler, const Message& request, Message& response, Cause cause,
                     const Moment& moment) {
  if (!parked_.empty()) {
    return failed_precondition("KEY_PARKED", def_.kind + " " + key_ + " is parked by dead letter " + parked_ +
                                                 "; an operator must replay or drop it first.");
  }
  checkpoint();
  cause.tenant = tenant_;
  cause.key = key_;
  Step step(cause, exists_);
  Status status;
  std::vector<Outgoing> outgoing;
  try {
    status = handler.apply(*state_, request, response, step);
    if (status.ok()) outgoing = read_back(step, cause, moment);
  } catch (const std::exception& error) {
    status = internal("Command " + handler.method + " failed: " + error.what());
  }
  if (!status.ok()) {
    restore();
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
                 tenant_,
                 key_of(*topic, *event),
                 type,
                 event->SerializeAsString(),
                 cause.id,
                 cause.traceparent,
                 std::max(moment.wall, cause.recorded + Duration(1)),
                 this};
    if (one.key.size() > 500 || !is_storable(one.key))
      throw std::logic_error("published " + type + " with an illegal key");
    if (one.body.size() > kLargestEvent) {
      throw std::logic_error("published " + type + " of " + std::to_string(one.body.size()) + " bytes; the limit is " +
                             std::to_string(kLargestEvent));
    }
    outgoing.push_back(std::move(one));
  }
  for (const auto& index : step.indexes()) {
    if (!std::all_of(index.values.begin(), index.values.end(), is_storable)) {
      throw std::logic_error("index " + index.name + " holds a value that is not UTF-8 text");
    }
  }
  return outgoing;
}

void Fold::absorb(const Step& step, std::vector<Outgoing> outgoing) {
  for (auto& one : outgoing) out_.push_back(std::move(one));
  for (const auto& change : step.timers()) timers_[change.name] = change;
  for (const auto& change : step.indexes()) indexes_[change.name] = change.values;
  ++version_;
  ++applied_;
  state_changed_ = true;
  touched_ = true;
  checkpoint_fresh_ = false;
  exists_ = !step.forgotten();
  if (step.forgotten()) {
    state_->Clear();
    checkpoint_.clear();
    checkpoint_fresh_ = true;
  }
}

void Fold::settle(const Moment& moment) {
  bool progress = true;
  while (progress && parked_.empty() && !waiting_.empty()) {
    progress = false;
    std::set<std::string, std::less<>> blocked;
    for (std::size_t i = 0; i < waiting_.size() && parked_.empty();) {
      if (blocked.contains(waiting_[i].offer.source)) {
        ++i;
        continue;
      }
      const auto verdict = apply(waiting_[i].offer, moment);
      if (verdict.kind() == Verdict::Kind::not_yet) {
        blocked.insert(waiting_[i].offer.source);
        waiting_[i].reason = verdict.reason();
        ++i;
        continue;
      }
      if (verdict.kind() == Verdict::Kind::refused) park(waiting_[i].offer, verdict.reason(), moment);
      progress = progress || verdict.kind() == Verdict::Kind::applied;
      if (waiting_[i].id != 0) settled_.push_back(waiting_[i].id);
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
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
  parked_.clear();
  touched_ = true;
  settle(moment);
}

void assign_times(std::vector<Outgoing>& out, int partitions) {
  std::map<std::pair<const Topic*, int>, Time> chains;
  for (auto& one : out) {
    auto& chain = chains[{one.topic, lane_of(one.key, partitions)}];
    one.time = std::max({one.time, chain + Duration(1), one.from->last_time + Duration(1)});
    chain = one.time;
    one.from->last_time = one.time;
    one.from->touch();
  }
}

}  // namespace loomline::eventing
