#include "src/commit/arguments.hpp"

#include <algorithm>
#include <charconv>

#include "loomline/base/hash.hpp"

namespace loomline::eventing {
namespace {

void add_parts(RowColumns& out, const Fold& fold, std::int64_t row) {
  for (const auto& [collection, name] : fold.touched_parts()) {
    out.part_of.push_back(row);
    out.part_collections.push_back(fold.resident().def->collections[collection].name);
    out.part_names.push_back(name);
    const auto* body = fold.resident().parts.find(collection, name);
    if (body == nullptr)
      out.part_bodies.emplace_back(std::nullopt);
    else
      out.part_bodies.emplace_back(out.made.emplace_back(body->SerializeAsString()));
  }
}

void add_timers(RowColumns& out, const Fold& fold, std::int64_t row, int partitions, Time& earliest) {
  for (const auto& [name, change] : fold.timers()) {
    if (!change.due) {
      out.gone_of.push_back(row);
      out.gone_names.push_back(name);
      out.gone_due.push_back(-1);
      continue;
    }
    out.timer_of.push_back(row);
    out.timer_names.push_back(name);
    out.timer_lanes.push_back(lane_of(fold.id().key, partitions));
    out.timer_due.push_back(micros(*change.due));
    out.timer_payloads.push_back(change.payload);
    earliest = std::min(earliest, *change.due);
  }
}

void add_waiting(RowColumns& out, const Fold& fold, std::int64_t row) {
  std::int64_t delta = -static_cast<std::int64_t>(fold.settled().size());
  for (const auto& event : fold.settled()) {
    out.settled_of.push_back(row);
    out.settled_events.push_back(event);
  }
  for (const auto& waiting : fold.waiting()) {
    if (waiting.stored) continue;
    out.keep(waiting.aside ? Role::aside : Role::waits, row, "", "", "", waiting.offer, waiting.reason);
    ++delta;
  }
  for (const auto& dead : fold.dead())
    out.keep(Role::letter, row, dead.id, fold.id().tenant, fold.id().key, dead.offer, dead.reason);
  out.waiting[static_cast<std::size_t>(row - 1)] = delta;
}

}  // namespace

void RowColumns::add_row(const KeyId& id, std::int64_t version, bool written) {
  place.emplace(id, static_cast<std::int64_t>(keys.keys.size()) + 1);
  keys.add(id);
  expected.push_back(version);
  bump.push_back(written);
  write.push_back(false);
  remove.push_back(false);
  states.emplace_back(std::nullopt);
  last_times.push_back(0);
  parked.emplace_back();
  waiting.push_back(0);
}

void RowColumns::keep(Role role, std::int64_t owner, std::string_view letter, std::string_view tenant,
                      std::string_view key, const Offer& offer, std::string_view reason) {
  offer_role.push_back(static_cast<std::int64_t>(role));
  offer_of.push_back(owner);
  offer_letter.push_back(letter);
  offer_tenant.push_back(tenant);
  offer_key.push_back(key);
  offer_timer.push_back(offer.timer);
  offer_event.push_back(offer.id);
  offer_type.push_back(offer.type);
  offer_source.push_back(offer.source);
  offer_recorded.push_back(micros(offer.recorded));
  offer_trace.push_back(offer.traceparent);
  offer_body.push_back(offer.body);
  offer_topic.push_back(offer.topic);
  offer_partitions.push_back(offer.partition);
  offer_positions.push_back(offer.offset);
  offer_reason.push_back(reason);
}

void RowColumns::add_fold(Fold& fold, int partitions, Time& earliest) {
  const auto row = place.at(fold.id());
  const auto at = static_cast<std::size_t>(row - 1);
  if (fold.state_changed()) {
    write[at] = true;
    if (fold.exists()) states[at] = fold.state_bytes();
  }
  remove[at] = fold.empty();
  last_times[at] = micros(fold.last_time());
  parked[at] = fold.parked();
  add_parts(*this, fold, row);
  for (const auto& [name, values] : fold.indexes()) {
    index_of.push_back(row);
    index_names.push_back(name);
    if (!fold.exists()) continue;
    for (const auto& value : values) {
      value_of.push_back(row);
      value_names.push_back(name);
      index_values.push_back(value);
    }
  }
  add_timers(*this, fold, row, partitions, earliest);
  add_waiting(*this, fold, row);
}

bool RowColumns::plain() const {
  const auto any = [](const std::vector<bool>& flags, bool value) {
    return std::find(flags.begin(), flags.end(), value) != flags.end();
  };
  return offer_role.empty() && settled_of.empty() && !any(bump, false) && !any(remove, true) &&
         std::all_of(expected.begin(), expected.end(), [](std::int64_t version) { return version >= 0; });
}

EventColumns::EventColumns(const std::vector<const Outgoing*>& out, int lanes) {
  for (const auto* one : out) by_chain[{one->topic->name(), lane_of(one->key, lanes)}].push_back(one);
  std::int64_t chain = 0;
  for (const auto& [id, events] : by_chain) {
    ++chain;
    topics.push_back(id.first);
    partitions.push_back(id.second);
    counts.push_back(static_cast<std::int64_t>(events.size()));
    first_times.push_back(micros(events.front()->time));
    last_times.push_back(micros(events.back()->time));
    std::int64_t place = 0;
    for (const auto* event : events) {
      chain_of.push_back(chain);
      places.push_back(place++);
      tenants.push_back(event->tenant);
      keys.push_back(event->key);
      types.push_back(event->type);
      causations.push_back(event->causation);
      traces.push_back(event->traceparent);
      times.push_back(micros(event->time));
      bodies.push_back(event->body);
    }
  }
}

void EventColumns::committed(std::int64_t place, std::int64_t chain, std::int64_t first, std::string_view shift_text,
               std::vector<Committed>& out) const {
  std::int64_t micros = 0;
  std::from_chars(shift_text.data(), shift_text.data() + shift_text.size(), micros);
  const Duration shift(micros);
  auto at = by_chain.begin();
  std::advance(at, place - 1);
  for (const auto* event : at->second)
    out.push_back({chain, first++, event->tenant, event->key, event->type, event->body, event->causation,
                   event->traceparent, event->time + shift});
}

MoveColumns::MoveColumns(const std::vector<OffsetMove>& offsets, const std::vector<ChainHeard>& heard,
      const std::vector<Scope>& asked) {
  for (const auto& move : offsets) {
    offset_topics.push_back(move.topic);
    offset_partitions.push_back(move.partition);
    offset_expected.push_back(move.expected);
    offset_next.push_back(move.next);
    offset_epochs.push_back(move.epoch);
  }
  for (const auto& chain : heard) {
    heard_topics.push_back(chain.topic);
    heard_partitions.push_back(chain.partition);
    heard_sources.push_back(chain.source);
    heard_epochs.push_back(chain.epoch);
    heard_last.push_back(chain.last);
  }
  for (const auto& scope : asked) {
    scopes.push_back(scope.scope);
    hashes.push_back(scope.body_hash);
    answers.push_back(scope.answered ? std::optional<std::string_view>(scope.answer) : std::nullopt);
  }
}

Parameters::Parameters(const RowColumns& in, const MoveColumns& moves, const EventColumns& events, bool alone) {
  list_.reserve(80);
  add(in.keys.tenants, in.keys.kinds, in.keys.keys, in.expected);
  if (!alone) add(in.bump);
  add(in.write, in.states, in.last_times, in.parked);
  if (!alone) add(in.waiting, in.remove);
  add(in.part_of, in.part_collections, in.part_names, in.part_bodies);
  add(in.index_of, in.index_names, in.value_of, in.value_names, in.index_values);
  add(in.gone_of, in.gone_names, in.gone_due);
  add(in.timer_of, in.timer_names, in.timer_lanes, in.timer_due);
  list_.push_back(postgres::bytea_array(in.timer_payloads));
  if (!alone) add_offers(in);
  add(moves.offset_topics, moves.offset_partitions, moves.offset_expected, moves.offset_next, moves.offset_epochs);
  add(moves.heard_topics, moves.heard_partitions, moves.heard_sources, moves.heard_epochs, moves.heard_last);
  add(moves.scopes, moves.hashes, moves.answers);
  add(events.topics, events.partitions, events.counts, events.first_times, events.last_times);
  add(events.chain_of, events.places, events.tenants, events.keys, events.types, events.causations, events.traces,
      events.times);
  list_.push_back(postgres::bytea_array(events.bodies));
}

void Parameters::add_offers(const RowColumns& in) {
  add(in.settled_of, in.settled_events);
  add(in.offer_role, in.offer_of, in.offer_letter, in.offer_tenant, in.offer_key, in.offer_timer, in.offer_event,
      in.offer_type, in.offer_source, in.offer_recorded, in.offer_trace);
  list_.push_back(postgres::bytea_array(in.offer_body));
  add(in.offer_topic, in.offer_partitions, in.offer_positions, in.offer_reason);
}

}  // namespace loomline::eventing
