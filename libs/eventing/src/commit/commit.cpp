#include "src/commit/commit.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <optional>

#include "loomline/base/hash.hpp"
#include "src/commit/columns.hpp"

namespace loomline::eventing {
namespace {

using postgres::bigint_array;
using postgres::bool_array;
using postgres::bytea_array;
using postgres::Param;
using postgres::text_array;
using Bodies = std::vector<std::optional<std::string_view>>;

// The call's arguments, column by column. Views into the folds and the commit; what is made here is kept in `made`.
struct Arguments {
  KeyColumns keys;
  std::map<KeyId, std::int64_t> place;
  Numbers expected, last_times, waiting;
  std::vector<bool> bump, write, remove;
  Bodies states;
  Texts parked;
  Numbers part_of;
  Texts part_collections, part_names;
  Bodies part_bodies;
  Numbers index_of, value_of;
  Texts index_names, value_names, index_values;
  Numbers gone_of, gone_due, timer_of, timer_lanes, timer_due;
  Texts gone_names, timer_names, timer_payloads;
  Numbers settled_of;
  Texts settled_events;
  Numbers offer_role, offer_of, offer_recorded, offer_partitions, offer_positions;
  std::vector<bool> offer_timer;
  Texts offer_letter, offer_tenant, offer_key, offer_event, offer_type, offer_source, offer_trace, offer_body,
      offer_topic, offer_reason;
  std::deque<std::string> made;

  void add_row(const KeyId& id, std::int64_t version, bool written) {
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
  void keep(int role, std::int64_t owner, std::string_view letter, std::string_view tenant, std::string_view key,
            const Offer& offer, std::string_view reason) {
    offer_role.push_back(role);
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
};

enum Role { waits = 0, aside = 1, letter = 2, unknown = 3 };

void add_parts(Arguments& out, const Fold& fold, std::int64_t row) {
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

void add_timers(Arguments& out, const Fold& fold, std::int64_t row, int partitions, Time& earliest) {
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

void add_waiting(Arguments& out, const Fold& fold, std::int64_t row) {
  std::int64_t delta = -static_cast<std::int64_t>(fold.settled().size());
  for (const auto& event : fold.settled()) {
    out.settled_of.push_back(row);
    out.settled_events.push_back(event);
  }
  for (const auto& waiting : fold.waiting()) {
    if (waiting.stored) continue;
    out.keep(waiting.aside ? aside : waits, row, "", "", "", waiting.offer, waiting.reason);
    ++delta;
  }
  for (const auto& dead : fold.dead())
    out.keep(letter, row, dead.id, fold.id().tenant, fold.id().key, dead.offer, dead.reason);
  out.waiting[static_cast<std::size_t>(row - 1)] = delta;
}

void add_fold(Arguments& out, Fold& fold, int partitions, Time& earliest) {
  const auto row = out.place.at(fold.id());
  const auto at = static_cast<std::size_t>(row - 1);
  if (fold.state_changed()) {
    out.write[at] = true;
    if (fold.exists()) out.states[at] = fold.state_bytes();
  }
  out.remove[at] = fold.empty();
  out.last_times[at] = micros(fold.last_time());
  out.parked[at] = fold.parked();
  add_parts(out, fold, row);
  for (const auto& [name, values] : fold.indexes()) {
    out.index_of.push_back(row);
    out.index_names.push_back(name);
    if (!fold.exists()) continue;
    for (const auto& value : values) {
      out.value_of.push_back(row);
      out.value_names.push_back(name);
      out.index_values.push_back(value);
    }
  }
  add_timers(out, fold, row, partitions, earliest);
  add_waiting(out, fold, row);
}

// The events by chain, in order, as the numbering statement wants them.
struct Events {
  std::map<std::pair<std::string_view, int>, std::vector<const Outgoing*>> by_chain;
  Texts topics, tenants, keys, types, causations, traces, bodies;
  Numbers partitions, counts, first_times, last_times, chain_of, places, times;

  Events(const std::vector<const Outgoing*>& out, int lanes) {
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

  void committed(std::int64_t place, std::int64_t chain, std::int64_t first, std::string_view shift_text,
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
};

const std::string& statement(std::size_t parameters) {
  static const std::string text = [parameters] {
    std::string sql = "SELECT what, a, b, c, t, d FROM kernel_commit(";
    for (std::size_t i = 1; i <= parameters; ++i) sql += (i > 1 ? ", $" : "$") + std::to_string(i);
    return sql + ")";
  }();
  return text;
}

}  // namespace

bool Commit::empty() const { return only_moves() && offsets.empty() && heard.empty(); }

bool Commit::only_moves() const {
  return folds.empty() && keyless.empty() && fired.empty() && scopes.empty() && appended.empty() && settled.empty() &&
         parked.empty();
}

bool Commit::stirs() const {
  return !keyless.empty() || !fired.empty() || !appended.empty() || !settled.empty() || !parked.empty() ||
         std::any_of(folds.begin(), folds.end(), [](const Fold* fold) {
           return !fold->timers().empty() || !fold->settled().empty() || !fold->waiting().empty() ||
                  !fold->dead().empty();
         });
}

std::map<KeyId, Commit::Expected> Commit::rows() const {
  std::map<KeyId, Expected> rows;
  const auto only_read = [&](const KeyId& id, std::int64_t version) {
    rows.insert_or_assign(id, Expected{version == 0 ? Expected::no_row : version, false});
  };
  for (const auto& [id, version] : leaned_on) only_read(id, version);
  for (const auto* fold : compared) only_read(fold->id(), fold->version());
  for (const auto* fold : folds) rows.insert_or_assign(fold->id(), Expected{fold->version(), true});
  // There may be none where it was leaned on.
  const auto whatever_it_is = [&](const KeyId& id) {
    const auto [at, fresh] = rows.try_emplace(id, Expected{Expected::whatever, false});
    if (!fresh && at->second.version == Expected::no_row) at->second.version = 0;
  };
  for (const auto& one : appended) whatever_it_is(one.key);
  for (const auto& one : parked) rows.insert_or_assign(one.key, Expected{Expected::whatever, true});
  for (const auto& timer : fired) whatever_it_is(timer.key);
  return rows;
}

CommitOutcome Commit::run(Session session) {
  CommitOutcome outcome;
  Arguments in;
  // In the order of keys: they are locked as they come.
  const auto wanted = rows();
  for (const auto& [id, row] : wanted)
    if (row.version != Expected::no_row) in.add_row(id, row.version, row.written);
  for (const auto& [id, row] : wanted)
    if (row.version == Expected::no_row) in.add_row(id, row.version, row.written);

  const Events events(assign_times(folds, partitions_), partitions_);
  for (auto* fold : folds) add_fold(in, *fold, partitions_, outcome.earliest_timer);
  for (const auto& timer : fired) {
    in.gone_of.push_back(in.place.at(timer.key));
    in.gone_names.push_back(timer.name);
    in.gone_due.push_back(micros(timer.due));
  }
  for (const auto& [id, event] : settled) {
    const auto row = in.place.at(id);
    in.settled_of.push_back(row);
    in.settled_events.push_back(event);
    --in.waiting[static_cast<std::size_t>(row - 1)];
  }
  for (const auto& one : appended) {
    const auto row = in.place.at(one.key);
    in.keep(aside, row, "", "", "", one.offer, one.reason);
    ++in.waiting[static_cast<std::size_t>(row - 1)];
  }
  for (const auto& one : parked) {
    const auto row = in.place.at(one.key);
    in.parked[static_cast<std::size_t>(row - 1)] = one.letter;
    in.keep(letter, row, one.letter, one.key.tenant, one.key.key, one.offer, one.reason);
  }
  for (const auto& one : keyless)
    in.keep(one.letter.empty() ? unknown : letter, 0, one.letter, one.tenant, one.key, one.offer, one.reason);

  Texts offset_topics, heard_topics, heard_sources, scope_texts, hashes;
  Numbers offset_partitions, offset_expected, offset_next, offset_epochs, heard_partitions, heard_epochs, heard_last;
  Bodies answers;
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
  for (const auto& scope : scopes) {
    scope_texts.push_back(scope.scope);
    hashes.push_back(scope.body_hash);
    answers.push_back(scope.answered ? std::optional<std::string_view>(scope.answer) : std::nullopt);
  }

  const std::vector<Param> parameters = [&] {
    std::vector<Param> list;
    list.reserve(72);
    const auto texts = [&](const Texts& values) { list.push_back(text_array(values)); };
    const auto numbers = [&](const Numbers& values) { list.push_back(bigint_array(values)); };
    const auto bools = [&](const std::vector<bool>& values) { list.push_back(bool_array(values)); };
    const auto bytes = [&](const auto& values) { list.push_back(bytea_array(values)); };
    texts(in.keys.tenants), texts(in.keys.kinds), texts(in.keys.keys), numbers(in.expected), bools(in.bump);
    bools(in.write), bytes(in.states), numbers(in.last_times), texts(in.parked), numbers(in.waiting), bools(in.remove);
    numbers(in.part_of), texts(in.part_collections), texts(in.part_names), bytes(in.part_bodies);
    numbers(in.index_of), texts(in.index_names), numbers(in.value_of), texts(in.value_names), texts(in.index_values);
    numbers(in.gone_of), texts(in.gone_names), numbers(in.gone_due);
    numbers(in.timer_of), texts(in.timer_names), numbers(in.timer_lanes), numbers(in.timer_due);
    bytes(in.timer_payloads);
    numbers(in.settled_of), texts(in.settled_events);
    numbers(in.offer_role), numbers(in.offer_of), texts(in.offer_letter), texts(in.offer_tenant), texts(in.offer_key);
    bools(in.offer_timer), texts(in.offer_event), texts(in.offer_type), texts(in.offer_source);
    numbers(in.offer_recorded), texts(in.offer_trace), bytes(in.offer_body), texts(in.offer_topic);
    numbers(in.offer_partitions), numbers(in.offer_positions), texts(in.offer_reason);
    texts(offset_topics), numbers(offset_partitions), numbers(offset_expected), numbers(offset_next);
    numbers(offset_epochs);
    texts(heard_topics), numbers(heard_partitions), texts(heard_sources), numbers(heard_epochs), numbers(heard_last);
    texts(scope_texts), texts(hashes), bytes(answers);
    texts(events.topics), numbers(events.partitions), numbers(events.counts), numbers(events.first_times);
    numbers(events.last_times);
    numbers(events.chain_of), numbers(events.places), texts(events.tenants), texts(events.keys), texts(events.types);
    texts(events.causations), texts(events.traces), numbers(events.times), bytes(events.bodies);
    return list;
  }();

  const auto rows_back = session.call(statement(parameters.size()), parameters);
  for (const auto row : rows_back) {
    const auto what = row.text(0);
    if (what == "chain") {
      events.committed(row.int64(1), row.int64(2), row.int64(3), row.text(4), outcome.events);
    } else if (what == "answered") {
      outcome.known.push_back({scopes[static_cast<std::size_t>(row.int64(1) - 1)].scope, row.get<std::string>(4),
                               std::string(row.bytes(5))});
    } else if (what == "stale") {
      const auto at = static_cast<std::size_t>(row.int64(1) - 1);
      outcome.stale.push_back(
          {std::string(in.keys.tenants[at]), std::string(in.keys.kinds[at]), std::string(in.keys.keys[at])});
    } else if (what == "moved") {
      outcome.moved = true;
    } else {
      outcome.fired = true;
    }
  }
  const bool repeated = std::any_of(outcome.known.begin(), outcome.known.end(), [this](const auto& known) {
    return std::any_of(scopes.begin(), scopes.end(),
                       [&](const Scope& scope) { return scope.scope == known.scope && scope.answered; });
  });
  outcome.committed = outcome.stale.empty() && !outcome.moved && !outcome.fired && !repeated;
  if (!outcome.committed) {
    outcome.events.clear();
    return outcome;
  }
  outcome.stirred = stirs();  // before the folds forget it
  for (auto* fold : folds) fold->keep(fold->version() + 1);
  return outcome;
}

}  // namespace loomline::eventing
