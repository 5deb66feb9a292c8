// Where the broker may not have what it once had: looking at tails, and starting over from the first hole.
#include <algorithm>

#include "loomline/telemetry/log.hpp"
#include "src/faults.hpp"
#include "src/publish/publisher.hpp"
#include "src/stall.hpp"

namespace loomline::eventing {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A partition that ends before what was acknowledged lost its tail, or was made anew. One that ends behind it was
// written by somebody else: that may stand where ours stood. (A tail that was lost and that we have grown over ourselves is
// noticed when a message gets a place that was taken before.)
void Publisher::check_ends() {
  std::vector<std::pair<std::string, int>> places;
  std::vector<std::pair<std::int64_t, std::int64_t>> ends;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, progress] : chains_) {
      if (!progress.leased || progress.look || progress.end == 0) continue;
      places.emplace_back(progress.chain.topic, progress.chain.partition);
      ends.emplace_back(id, progress.end);
    }
  }
  const auto spans = outlet_.spans(places, seconds(2));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto span = spans.find(places[i]);
    const auto found = chains_.find(ends[i].first);
    if (span == spans.end() || found == chains_.end()) continue;
    const auto& progress = found->second;
    const bool moving = progress.sent > progress.acked || progress.end != ends[i].second;
    if (span->second.end == ends[i].second || (span->second.end > ends[i].second && moving)) continue;
    telemetry::log_error(
        "a partition does not end where what was acknowledged ends; what is missing is sent again",
        {telemetry::field::id("topic", found->second.chain.topic),
         telemetry::field::number("partition", places[i].second), telemetry::field::number("end", span->second.end),
         telemetry::field::number("acknowledged", ends[i].second)});
    drop_buffer(found->second);
    found->second.look_first({.depth = 1000});
    metrics_.resends.increment();
  }
}

void Publisher::look_at_tails() {
  const auto now = clocks_.steady();
  std::vector<TailWanted> wanted;
  std::vector<Chain> chains;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, progress] : chains_) {
      if (!progress.leased || !progress.look || now < progress.retry_at) continue;
      wanted.push_back({progress.chain, *progress.look});
      chains.push_back(progress.chain);
    }
  }
  if (wanted.empty()) return;
  const auto depths = store_.tail_depths(chains);
  auto holes = store_.recorded_holes();
  for (auto& one : wanted) {
    one.look.holes = holes[one.chain.id];
    if (one.look.depth == 0) one.look.depth = 2 * depths.at(one.chain.id) + 64;
  }
  const auto tails = outlet_.read_tails(wanted);
  // Read after the tails: the head must be at least as new as they are.
  const auto open = store_.open_chains();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto chain = wanted[i].chain;
    if (const auto found = open.find(chain.id); found != open.end()) chain.head = found->second.head;
    if (tails[i]) {
      settle(chain, *tails[i]);
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (const auto found = chains_.find(chain.id); found != chains_.end()) {
      found->second.trouble = "the end of its partition cannot be read";
      found->second.retry_at = clocks_.steady() + seconds(2);
    }
  }
}

// What was seen decides from where on a chain is sent.
void Publisher::settle(Chain chain, const TailSeen& tail) {
  const auto old = chain.id;
  // A database that was restored may have taken commands since, under numbers that the broker has other events for. What
  // is known to be published is not asked about.
  const auto parting = tail.epoch == chain.epoch && tail.seq > watermark(old) ? store_.parting(old, tail.said)
                                                                              : ChainStore::Parting();
  const bool behind = tail.epoch > chain.epoch || (tail.epoch == chain.epoch && tail.seq > chain.head);
  if (behind || parting.other > 0) {
    const auto last = parting.other > 0 ? parting.other - 1 : parting.same;
    // What was read begins behind all that the outbox has: which of that is published stands before it.
    const bool blind = parting.other == 0 && parting.same == 0 && chain.head > 0 && tail.from > tail.begin;
    if (blind && look_deeper(old)) return;
    chain = store_.start_epoch(chain, std::max(tail.epoch, chain.epoch) + 1, last);
    telemetry::log_error(
        "the database is behind the broker; a new epoch begins",
        {telemetry::field::id("topic", chain.topic), telemetry::field::number("partition", chain.partition),
         telemetry::field::number("carried over", chain.head)});
  }
  const std::lock_guard lock(mutex_);
  const auto found = chains_.find(old);
  if (found == chains_.end() || !found->second.leased) return;
  if (chain.id != old) {
    drop_buffer(found->second);
    auto entry = chains_.extract(found);
    entry.key() = chain.id;
    entry.mapped().known = entry.mapped().flushed = 0;
    chains_.insert(std::move(entry));
  }
  auto& progress = chains_.at(chain.id);
  progress.chain = chain;
  progress.known = std::max(chain.head, progress.known);
  // None of ours was read, and what was acknowledged stood before that: retention took it; only the watermark tells.
  const bool emptied = tail.epoch == 0 && progress.end > 0 && progress.end <= tail.from;
  auto reach = tail.epoch != chain.epoch                          ? 0
               : faults::planted(faults::Bug::resume_over_hole) ? tail.seq
                                                                : tail.reach;
  if (emptied && chain.id == old) reach = progress.acked;
  progress.look.reset();
  progress.end = tail.end;
  progress.start_over(std::min(reach, progress.known));
}

std::int64_t Publisher::watermark(std::int64_t chain) const {
  const std::lock_guard lock(mutex_);
  const auto found = chains_.find(chain);
  return found == chains_.end() ? 0 : found->second.flushed;
}

bool Publisher::look_deeper(std::int64_t chain) {
  constexpr std::int64_t kDeep = 100'000;
  const std::lock_guard lock(mutex_);
  const auto found = chains_.find(chain);
  if (found == chains_.end() || !found->second.look || found->second.look->depth >= kDeep) return false;
  found->second.look->depth = kDeep;
  return true;
}

void Publisher::take_requests(std::vector<RefillRequest> requests) {
  const std::lock_guard lock(mutex_);
  const auto now = clocks_.steady();
  for (const auto& request : requests) {
    const auto found = std::find_if(chains_.begin(), chains_.end(), [&](const auto& entry) {
      const auto& chain = entry.second.chain;
      return chain.topic == request.topic && chain.partition == request.partition &&
             (chain.epoch == request.epoch || request.epoch == 0);
    });
    if (found == chains_.end() || !found->second.leased || found->second.look) continue;
    auto& progress = found->second;
    // What is not yet acknowledged is under way; and consumers may ask in a choir.
    if (request.first_missing > progress.acked) continue;
    auto& last = refilled_[found->first];
    if (!request.unchecked && now < last + seconds(3)) continue;
    last = now;
    drop_buffer(progress);
    if (request.unchecked) {
      progress.start_over(std::max<std::int64_t>(0, request.first_missing - 1));
    } else if (request.first_missing > 0 && request.offset >= 0) {
      progress.look_first({.offset = request.offset, .after = request.first_missing - 1});
    } else {
      progress.look_first({.depth = 50'000});
    }
    metrics_.resends.increment();
    telemetry::log_warn(
        "a chain is looked at because events are missed",
        {telemetry::field::id("topic", request.topic), telemetry::field::number("partition", request.partition),
         telemetry::field::number("from", request.first_missing)});
  }
}

std::map<std::int64_t, std::string> Publisher::stalled_chains() const {
  const auto now = clocks_.steady();
  std::map<std::int64_t, std::string> stalled;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, progress] : chains_) {
    const auto since = progress.waiting_since();
    if (!progress.leased || !since || !is_stalled(*since, now)) continue;
    const auto began = clocks_.wall() - std::chrono::duration_cast<Duration>(now - *since);
    stalled[id] = progress.chain.topic + "/" + std::to_string(progress.chain.partition) +
                  " has published nothing since " + format_rfc3339(began) + "; next is " +
                  std::to_string(progress.acked + 1) + " of " + std::to_string(progress.known) +
                  (progress.trouble.empty() ? "" : ": " + progress.trouble);
  }
  return stalled;
}

std::optional<std::string> Publisher::silent() const {
  const auto now = std::chrono::duration_cast<milliseconds>(clocks_.steady().time_since_epoch()).count();
  const auto silent = (now - last_turn_ms_) / 1000;
  if (last_turn_ms_ == 0 || silent < 30) return std::nullopt;
  return "the publisher's thread has been at one task for " + std::to_string(silent) + " s";
}

void Publisher::report_stalls() {
  const auto now = clocks_.steady();
  double stalled = 0;
  const std::lock_guard lock(mutex_);
  for (auto& [id, progress] : chains_) {
    progress.observe(now);
    const auto since = progress.waiting_since();
    if (!since || !is_stalled(*since, now)) continue;
    ++stalled;
    if (now < progress.say_at) continue;
    progress.say_at = now + std::chrono::minutes(1);
    const auto waited = std::chrono::duration_cast<seconds>(now - *since).count();
    telemetry::log_error(
        "a chain has committed events and publishes none",
        {telemetry::field::id("topic", progress.chain.topic),
         telemetry::field::number("partition", progress.chain.partition),
         telemetry::field::number("next", progress.acked + 1), telemetry::field::number("committed", progress.known),
         telemetry::field::number("seconds", waited), telemetry::field::error(progress.trouble)});
  }
  metrics_.chains_stalled.set(stalled);
}

}  // namespace loomline::eventing
