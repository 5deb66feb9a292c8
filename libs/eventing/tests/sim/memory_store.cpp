// Steps in memory: reading, and the one commit.
#include "tests/sim/memory_store.hpp"

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/eventing/positions.hpp"
#include "loomline/postgres/error.hpp"
#include "src/faults.hpp"

namespace loomline::eventing::sim {

using postgres::ErrorKind;

class MemorySession final : public StepSession {
 public:
  explicit MemorySession(MemoryStore& store) : store_(store) {}
  std::vector<std::shared_ptr<Resident>> load(const std::vector<KeyId>& keys) override {
    store_.need();
    std::vector<std::shared_ptr<Resident>> residents;
    for (const auto& id : keys) residents.push_back(store_.read(id));
    return residents;
  }
  void refresh(Resident& resident) override {
    store_.need();
    store_.refresh(resident);
  }
  CommitOutcome commit(Commit& commit) override { return store_.run(commit); }
  // Slow handlers need threads: there are none here.
  void begin_aside(const KeyId&, const std::vector<std::string>&, int) override {}
  void end_aside(const KeyId&) override {}
  std::vector<SetAside> set_aside(const KeyId&) override { return {}; }

 private:
  MemoryStore& store_;
};

PartStore::Body read_part(const CollectionDef& collection, const std::string& stored) {
  auto* body = collection.prototype->New();
  body->ParseFromString(stored);
  return PartStore::Body(body);
}

void MemoryStore::need() const {
  if (down) throw postgres::Error(ErrorKind::connection, "", "the database does not answer");
}

std::unique_ptr<StepSession> MemoryStore::open(const std::set<KeyId>*) {
  need();
  return std::make_unique<MemorySession>(*this);
}

std::shared_ptr<Resident> MemoryStore::read(const KeyId& id) const {
  const auto& def = *registry_.kind(id.kind);
  auto resident = std::make_shared<Resident>(def, id);
  if (const auto found = rows.find(id); found != rows.end()) {
    const auto& row = found->second;
    resident->row = row.number;
    resident->version = row.version;
    resident->last_time = row.last_time;
    resident->parked = row.parked;
    resident->waiting = row.waiting;
    if (row.state) resident->read_state(*row.state);
    for (const auto& [name, part] : row.parts) {
      if (!part.body) continue;
      for (std::size_t c = 0; c < def.collections.size(); ++c) {
        if (def.collections[c].name != name.first) continue;
        resident->parts.put(c, name.second, read_part(def.collections[c], *part.body));
      }
    }
  }
  resident->derive();
  return resident;
}

void MemoryStore::refresh(Resident& resident) const {
  const auto found = rows.find(resident.id);
  const auto since = resident.version;
  if (found == rows.end() || !resident.unreadable.empty() || since == 0 || found->second.number != resident.row ||
      found->second.version < since) {
    resident = std::move(*read(resident.id));
    return;
  }
  const auto& row = found->second;
  resident.version = row.version;
  resident.last_time = row.last_time;
  resident.parked = row.parked;
  resident.waiting = row.waiting;
  resident.exists = row.state.has_value();
  if (row.state) {
    resident.read_state(*row.state);
  } else {
    resident.bytes.clear();
    resident.state->Clear();
  }
  std::vector<PartStore::Name> changed;
  for (const auto& [name, part] : row.parts)
    for (std::size_t c = 0; c < resident.def->collections.size(); ++c) {
      if (resident.def->collections[c].name != name.first || part.version <= since) continue;
      changed.emplace_back(c, name.second);
      if (part.body)
        resident.parts.put(c, name.second, read_part(resident.def->collections[c], *part.body));
      else
        resident.parts.drop(c, name.second);
    }
  if (resident.derived && resident.def->follow && resident.unreadable.empty())
    resident.def->follow(*resident.derived, *resident.state, resident.parts, changed);
  else
    resident.derive();
}

CommitOutcome MemoryStore::run(Commit& commit) {
  need();
  const auto fated = fate();
  if (fated == CommitFate::serialization_failure)
    throw postgres::Error(ErrorKind::retryable, "40001", "could not serialize access");
  if (fated == CommitFate::connection_lost) throw postgres::Error(ErrorKind::connection, "", "the connection was lost");
  if (fated == CommitFate::refused_by_disk) throw postgres::Error(ErrorKind::other, "53100", "the disk is full");
  if (fated == CommitFate::in_doubt_lost) throw postgres::Error(ErrorKind::in_doubt, "", "no answer to COMMIT");
  CommitOutcome outcome;
  if (as_expected(commit, outcome) && know_scopes(commit, outcome)) {
    outcome.committed = true;
    outcome.stirred = commit.stirs();
    write(commit, outcome);
    if (fated != CommitFate::in_doubt_written)
      for (auto* fold : commit.folds) fold->keep(fold->version() + 1);
  }
  if (fated == CommitFate::in_doubt_written) throw postgres::Error(ErrorKind::in_doubt, "", "no answer to COMMIT");
  return outcome;
}

CommitOutcome MemoryStore::write_now(Commit& commit) {
  const auto usual = std::exchange(fate, [] { return CommitFate::written; });
  auto outcome = run(commit);
  fate = usual;
  return outcome;
}

// In the order of kernel_commit.sql: rows, positions, timers.
bool MemoryStore::as_expected(const Commit& commit, CommitOutcome& outcome) const {
  for (const auto& [id, expected] : commit.rows()) {
    const auto found = rows.find(id);
    const auto version = found == rows.end() ? 0 : found->second.version;
    const bool stale = expected.version == Commit::Expected::no_row ? version != 0
                       : expected.version >= 0                      ? version != expected.version
                                                                    : false;
    if (stale && !faults::planted(faults::Bug::no_compare_and_set)) outcome.stale.push_back(id);
  }
  if (!outcome.stale.empty()) return false;
  for (const auto& move : commit.offsets) {
    const auto found = offsets_.find({move.topic, move.partition});
    if (found == offsets_.end() || found->second.epoch != move.epoch || found->second.next != move.expected)
      outcome.moved = !faults::planted(faults::Bug::no_compare_and_set);
  }
  if (outcome.moved) return false;
  for (const auto& timer : commit.fired) {
    const auto found = timers_.find({timer.key, timer.name});
    if (found == timers_.end() || found->second.due != timer.due) outcome.fired = true;
  }
  return !outcome.fired;
}

// False where a scope that would be answered was answered before.
bool MemoryStore::know_scopes(const Commit& commit, CommitOutcome& outcome) {
  bool repeated = false;
  for (const auto& scope : commit.scopes) {
    const auto found = scopes.find(scope.scope);
    if (found == scopes.end()) continue;
    outcome.known.push_back({scope.scope, found->second.body_hash, found->second.answer});
    repeated = repeated || scope.answered;
  }
  if (repeated) return false;
  for (const auto& scope : commit.scopes)
    if (scope.answered) scopes[scope.scope] = scope;
  return true;
}

void MemoryStore::write(Commit& commit, CommitOutcome& outcome) {
  const auto expected = commit.rows();
  write_events(commit, outcome);  // it gives the folds their last times
  for (const auto& timer : commit.fired) timers_.erase({timer.key, timer.name});
  for (auto* fold : commit.folds) write_fold(*fold, outcome.earliest_timer);
  for (const auto& [id, event] : commit.settled)
    std::erase_if(rows[id].waiting, [&, e = event](const Waiting& waiting) { return waiting.offer.id == e; });
  for (const auto& one : commit.appended) rows[one.key].waiting.push_back({one.offer, one.reason, true, true});
  for (const auto& one : commit.parked) {
    rows[one.key].parked = one.letter;
    ++rows[one.key].version;
    dead_letters.emplace(one.letter, DeadLetter{one.key, one.offer, one.reason});
  }
  for (const auto& one : commit.keyless) {
    if (one.letter.empty())
      unknown.emplace(one.offer.id, one.offer);
    else
      dead_letters.emplace(one.letter, DeadLetter{{one.tenant, "", one.key}, one.offer, one.reason});
  }
  for (const auto& move : commit.offsets) offsets_.at({move.topic, move.partition}).next = move.next;
  for (const auto& chain : commit.heard) heard_[{chain.topic, chain.partition, chain.source, chain.epoch}] = chain.last;
}

void MemoryStore::write_fold(Fold& fold, Time& earliest) {
  const auto& id = fold.id();
  auto& row = rows[id];
  ++row.version;
  if (row.number == 0) row.number = ++rows_made_;
  if (fold.state_changed()) row.state = fold.exists() ? std::optional(fold.state_bytes()) : std::nullopt;
  row.last_time = std::max(row.last_time, fold.last_time());
  row.parked = fold.parked();
  for (const auto& [collection, name] : fold.touched_parts()) {
    const auto* body = fold.resident().parts.find(collection, name);
    auto& part = row.parts[{fold.resident().def->collections[collection].name, name}];
    part.version = row.version;
    part.body = body == nullptr ? std::nullopt : std::optional(body->SerializeAsString());
  }
  for (const auto& [name, values] : fold.indexes()) row.indexes[name] = values;
  for (const auto& [name, change] : fold.timers()) {
    timers_.erase({id, name});
    if (!change.due) continue;
    timers_[{id, name}] = {*change.due, change.payload};
    earliest = std::min(earliest, *change.due);
  }
  for (const auto& event : fold.settled())
    std::erase_if(row.waiting, [&](const Waiting& waiting) { return waiting.offer.id == event; });
  for (auto waiting : fold.waiting()) {
    if (waiting.stored) continue;
    waiting.stored = true;
    row.waiting.push_back(std::move(waiting));
  }
  for (const auto& dead : fold.dead()) dead_letters.emplace(dead.id, DeadLetter{id, dead.offer, dead.reason});
  if (fold.empty()) rows.erase(id);
}

MemoryStore::ChainRow& MemoryStore::chain_of(const std::string& topic, int partition) {
  for (auto& [id, row] : chains)
    if (!row.closed && row.chain.topic == topic && row.chain.partition == partition) return row;
  throw postgres::Error(ErrorKind::refused, "LM000", "chain is not open");
}

void MemoryStore::write_events(Commit& commit, CommitOutcome& outcome) {
  std::map<std::pair<std::string, int>, std::vector<const Outgoing*>> by_chain;
  for (const auto* one : assign_times(commit.folds, partitions_))
    by_chain[{one->topic->name(), lane_of(one->key, partitions_)}].push_back(one);
  for (const auto& [place, events] : by_chain) {
    auto& row = chain_of(place.first, place.second);
    const auto shift = std::max(Duration(0), row.last_time + Duration(1) - events.front()->time);
    for (const auto* event : events) {
      const auto seq = row.next_seq++;
      Committed committed{row.chain.id,     seq,         event->tenant,      event->key, event->type,
                          event->body, event->causation, event->traceparent, event->time + shift};
      row.outbox.emplace(seq, committed);
      outcome.events.push_back(std::move(committed));
    }
    row.last_time = events.back()->time + shift;
  }
}

std::vector<Feed> MemoryStore::claim(const std::string& owner,
                                     const std::vector<std::pair<std::string, int>>& places) {
  need();
  std::vector<Feed> feeds;
  for (const auto& place : places) {
    auto [found, fresh] = offsets_.try_emplace(place);
    if (!fresh) ++found->second.epoch;
    found->second.owner = owner;
    auto& feed = feeds.emplace_back();
    feed.topic = place.first;
    feed.topic_number = topic_number(feed.topic);
    feed.partition = place.second;
    feed.next_offset = feed.stored_offset = feed.fetched = found->second.next;
    feed.epoch = found->second.epoch;
    for (const auto& [chain, last] : heard_) {
      const auto& [topic, partition, source, epoch] = chain;
      if (topic == place.first && partition == place.second) feed.last_seq[{source, epoch}] = last;
    }
  }
  return feeds;
}

bool MemoryStore::reset_position(const std::string& topic, int partition, std::int64_t epoch, std::int64_t expected,
                                 std::int64_t to) {
  need();
  auto& offset = offsets_.at({topic, partition});
  if (offset.epoch != epoch || offset.next != expected) return false;
  offset.next = to;
  return true;
}

std::vector<DueTimer> MemoryStore::due_timers(const std::set<int>& lanes, Time now, std::size_t most) {
  need();
  std::vector<DueTimer> due;
  for (const auto& [name, timer] : timers_) {
    const auto& [id, text] = name;
    if (timer.due > now || !lanes.contains(lane_of(id.key, partitions_))) continue;
    auto& one = due.emplace_back();
    one.id = id;
    one.due = timer.due;
    one.offer = timer_offer(id, text, timer.due, timer.payload);
  }
  std::stable_sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.due < b.due; });
  if (due.size() > most) due.resize(most);
  return due;
}

std::optional<Time> MemoryStore::next_timer(const std::set<int>& lanes) {
  need();
  std::optional<Time> next;
  for (const auto& [name, timer] : timers_)
    if (lanes.contains(lane_of(name.first.key, partitions_))) next = std::min(next.value_or(timer.due), timer.due);
  return next;
}

}  // namespace loomline::eventing::sim
