// The publisher's slow work on the database: leases, heads, watermarks, trimming.
#include <algorithm>
#include <set>

#include "loomline/telemetry/log.hpp"
#include "src/faults.hpp"
#include "src/publish/publisher.hpp"

namespace loomline::eventing {

void Publisher::reload_chains() {
  const auto chains = store_.open_chains();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, chain] : chains) {
    auto& progress = chains_[id];
    progress.chain = chain;
    progress.known = std::max(progress.known, chain.head);
  }
  for (auto entry = chains_.begin(); entry != chains_.end();) {
    const bool open = chains.contains(entry->first);
    if (!open) drop_buffer(entry->second);
    entry = open ? std::next(entry) : chains_.erase(entry);
  }
}

void Publisher::poll_heads() {
  const auto heads = store_.heads();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, head] : heads) {
    const auto found = chains_.find(id);
    if (found != chains_.end()) found->second.known = std::max(found->second.known, head);
  }
}

void Publisher::renew_leases() {
  const auto leases = store_.renew_leases(instance_);
  alone_ = leases.alone;
  std::set<std::int64_t> held;
  bool unknown = false;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : leases.held) {
      held.insert(one.chain);
      if (chains_.contains(one.chain)) {
        lease(one.chain, one.published, one.end);
      } else {
        unknown = true;  // of another replica's new epoch; leased when it is known
      }
    }
    for (auto& [id, progress] : chains_) {
      if (held.contains(id) || !progress.leased) continue;
      progress.leased = false;  // another replica took over while this one was away
      drop_buffer(progress);
    }
  }
  if (unknown) reload_chains();
}

// The broker, not the watermark, says what it has: the tail is looked at before anything is sent.
void Publisher::lease(std::int64_t chain, std::int64_t published, std::int64_t end) {
  auto& progress = chains_.at(chain);
  if (progress.leased) return;
  progress.leased = true;
  progress.acked = published;
  progress.flushed = published;
  progress.end = end;
  drop_buffer(progress);
  if (faults::planted(faults::Bug::watermark_ahead)) {
    progress.start_over(std::max(published, progress.known));
    return;
  }
  progress.look_first({});
}

void Publisher::flush_watermarks() {
  std::vector<ChainStore::Lease> reached;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, progress] : chains_) {
      if (!progress.leased || progress.look || progress.acked == progress.flushed) continue;
      reached.push_back({id, progress.acked, progress.end});
    }
  }
  if (reached.empty()) return;
  store_.note_published(instance_, reached);
  const std::lock_guard lock(mutex_);
  for (const auto& one : reached) {
    if (const auto found = chains_.find(one.chain); found != chains_.end()) found->second.flushed = one.published;
  }
}

void Publisher::observe() {
  metrics_.backlog.set(static_cast<double>(backlog_ + unacknowledged_ + left_out_));
  const auto kept = store_.kept();
  metrics_.waiting.set(kept.waiting);
  metrics_.oldest_waiting.set(kept.oldest_seconds);
  metrics_.open_letters.set(kept.open_letters);
  // What waits this long waits for something that will hardly come by itself.
  if (kept.oldest_seconds > 600) {
    telemetry::log_warn("an event has waited long for its precondition",
                        {telemetry::field::number("seconds", kept.oldest_seconds),
                         telemetry::field::number("waiting", kept.waiting)});
  }
}

}  // namespace loomline::eventing
