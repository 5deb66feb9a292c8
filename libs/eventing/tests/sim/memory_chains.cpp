// Chains in memory: the publisher's side of a MemoryStore.
#include <algorithm>

#include "loomline/eventing/positions.hpp"
#include "loomline/postgres/error.hpp"
#include "tests/sim/memory_store.hpp"

namespace loomline::eventing::sim {

void MemoryStore::restore(const MemoryStore& backup) {
  rows = backup.rows;
  chains = backup.chains;
  dead_letters = backup.dead_letters;
  unknown = backup.unknown;
  scopes = backup.scopes;
  offsets_ = backup.offsets_;
  heard_ = backup.heard_;
  timers_ = backup.timers_;
  holes_ = backup.holes_;
  replicas_ = backup.replicas_;
}

std::map<std::int64_t, Chain> MemoryStore::open_chains() {
  need();
  for (const auto* topic : registry_.owned())
    for (int partition = 0; partition < partitions_; ++partition) {
      const bool known = std::any_of(chains.begin(), chains.end(), [&](const auto& entry) {
        return entry.second.chain.topic == topic->name() && entry.second.chain.partition == partition;
      });
      if (known) continue;
      const auto id = static_cast<std::int64_t>(chains.size()) + 1;
      chains[id].chain = {id, 1, topic->name(), partition, 0, topic_number(topic->name())};
    }
  std::map<std::int64_t, Chain> open;
  for (auto& [id, row] : chains) {
    if (row.closed) continue;
    open[id] = row.chain;
    open[id].head = row.next_seq - 1;
  }
  return open;
}

ChainStore::Parting MemoryStore::parting(std::int64_t chain, const std::vector<std::pair<std::int64_t, Time>>& said) {
  need();
  const auto& outbox = chains.at(chain).outbox;
  std::map<std::int64_t, bool> same;
  for (const auto& [seq, time] : said)
    if (const auto ours = outbox.find(seq); ours != outbox.end())
      same[seq] = ours->second.time == time || same[seq];
  Parting parting;
  for (const auto& [seq, is_same] : same) {
    if (is_same) parting = {seq, 0};
    if (!is_same && parting.other == 0 && seq > chains.at(chain).published) parting.other = seq;
  }
  return parting;
}

Chain MemoryStore::start_epoch(const Chain& chain, std::int64_t epoch, std::int64_t last) {
  need();
  auto& old = chains.at(chain.id);
  if (old.closed) throw std::runtime_error("another replica has started a new epoch");
  old.closed = true;
  const auto head = old.next_seq - 1;
  const auto from = std::min(head, std::max(last, old.published));
  const auto id = static_cast<std::int64_t>(chains.size()) + 1;
  auto& fresh = chains[id];
  fresh.chain = chain;
  fresh.chain.id = id;
  fresh.chain.epoch = epoch;
  fresh.chain.head = head - from;
  fresh.next_seq = fresh.chain.head + 1;
  fresh.last_time = old.last_time;
  fresh.owner = old.owner;
  fresh.until = old.until;
  for (auto at = old.outbox.upper_bound(from); at != old.outbox.end(); at = old.outbox.erase(at)) {
    auto event = std::move(at->second);
    event.chain = id;
    event.seq -= from;
    fresh.outbox.emplace(event.seq, std::move(event));
  }
  old.next_seq = from + 1;
  return fresh.chain;
}

std::vector<Committed> MemoryStore::read_outbox(std::int64_t chain, std::int64_t after) {
  need();
  std::vector<Committed> page;
  const auto& outbox = chains.at(chain).outbox;
  for (auto at = outbox.upper_bound(after); at != outbox.end() && page.size() < 500; ++at) page.push_back(at->second);
  return page;
}

std::map<std::int64_t, std::int64_t> MemoryStore::tail_depths(const std::vector<Chain>& wanted) {
  need();
  std::map<std::int64_t, std::int64_t> depths;
  for (const auto& chain : wanted) depths[chain.id] = 200;
  return depths;
}

std::map<std::int64_t, std::map<std::int64_t, std::int64_t>> MemoryStore::recorded_holes() {
  need();
  return holes_;
}

void MemoryStore::record_hole(std::int64_t chain, std::int64_t first, std::int64_t last) {
  need();
  auto& known = holes_[chain][first];
  known = std::max(known, last);
}

std::vector<std::pair<std::int64_t, std::int64_t>> MemoryStore::heads() {
  need();
  std::vector<std::pair<std::int64_t, std::int64_t>> heads;
  for (const auto& [id, row] : chains)
    if (!row.closed) heads.emplace_back(id, row.next_seq - 1);
  return heads;
}

ChainStore::Leases MemoryStore::renew_leases(const std::string& instance) {
  need();
  const auto now = clocks_.wall();
  replicas_[instance] = now;
  Leases leases;
  leases.alone = std::count_if(replicas_.begin(), replicas_.end(), [&](const auto& replica) {
                   return replica.second > now - std::chrono::seconds(15);
                 }) <= 1;
  for (auto& [id, row] : chains) {
    if (row.closed || (row.owner != instance && row.until >= now)) continue;
    row.owner = instance;
    row.until = now + std::chrono::seconds(6);
    leases.held.push_back({id, row.published, row.end});
  }
  return leases;
}

void MemoryStore::give_up_leases(const std::string& instance) {
  need();
  for (auto& [id, row] : chains)
    if (row.owner == instance) row.until = Time::min();
  replicas_.erase(instance);
}

void MemoryStore::note_published(const std::string& instance, const std::vector<Lease>& reached) {
  need();
  if (hold_watermarks) return;
  for (const auto& one : reached) {
    auto& row = chains.at(one.chain);
    if (row.owner != instance) continue;
    row.published = one.published;
    row.end = one.end;
  }
}

ChainStore::Kept MemoryStore::kept() {
  need();
  Kept kept;
  for (const auto& [id, row] : rows) kept.waiting += static_cast<double>(row.waiting.size());
  kept.open_letters = static_cast<double>(dead_letters.size());
  return kept;
}

std::vector<std::optional<std::int64_t>> MemoryStore::applied(const std::vector<GapMet>& gaps) {
  need();
  std::vector<std::optional<std::int64_t>> out;
  for (const auto& gap : gaps) {
    const auto found = heard_.find({gap.topic, gap.partition, gap.source, gap.epoch});
    out.push_back(found == heard_.end() ? std::nullopt : std::optional(found->second));
  }
  return out;
}

}  // namespace loomline::eventing::sim
