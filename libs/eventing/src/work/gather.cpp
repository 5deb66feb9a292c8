// What there is to do for a worker: commands, due timers, events.
#include <algorithm>

#include "loomline/telemetry/log.hpp"
#include "src/work/worker.hpp"

namespace loomline::eventing {
namespace {

constexpr std::size_t kMostEvents = 500;
constexpr std::size_t kMostJobs = 200;
constexpr std::size_t kMostTimers = 200;
// librdkafka fetches what there is within half a second; a broker that is slow, or comes back, has this long.
constexpr std::chrono::seconds kSilence{4};
constexpr std::size_t kBacklogBytes = std::size_t{64} << 20;  // of all feeds of a worker together, about

}  // namespace

std::vector<Task> LaneWorker::gather(bool& more) {
  std::vector<Task> jobs, timers, events;
  take_events(events, more);
  // Timers have every other turn where there is something else: what goes on with long work by timer would else stand
  // in every step of the others.
  const bool others = !events.empty() || jobs_wait();
  if (!others || timers_have_the_turn_) {
    take_timers(timers);
    timers_have_the_turn_ = false;
  } else {
    timers_have_the_turn_ = true;
    more = more || timer_due(engine_.clock.now());
  }
  // Last: whoever takes them out of their queue must answer them, and the database may not have answered until here.
  take_jobs(jobs);
  // In turns, so that within a budget of time none of the three starves.
  std::vector<Task> tasks;
  tasks.reserve(jobs.size() + timers.size() + events.size());
  for (std::size_t i = 0; i < std::max({jobs.size(), timers.size(), events.size()}); ++i)
    for (auto* list : {&jobs, &timers, &events})
      if (i < list->size()) tasks.push_back(std::move((*list)[i]));
  return tasks;
}

bool LaneWorker::jobs_wait() {
  const std::lock_guard lock(queue_mutex_);
  return !queue_.empty();
}

void LaneWorker::take_jobs(std::vector<Task>& tasks) {
  const std::lock_guard lock(queue_mutex_);
  std::set<std::string_view> scopes;
  // Two with one idempotency key: the second finds the first's answer in the next step.
  while (!queue_.empty() && tasks.size() < kMostJobs && scopes.insert(queue_.front()->scope).second) {
    tasks.emplace_back();
    tasks.back().job = std::move(queue_.front());
    queue_.pop_front();
  }
}

void LaneWorker::take_timers(std::vector<Task>& tasks) {
  const auto now = engine_.clock.now();
  // Timers that another replica's commands set are not announced here.
  if (!engine_.publisher.alone() && engine_.clocks.steady() > look_for_timers_) {
    earliest_timer_ = 0;
    look_for_timers_ = engine_.clocks.steady() + std::chrono::milliseconds(250);
  }
  if (lanes_.empty() || micros(now) < earliest_timer_) return;
  // Raised first: a timer that is set meanwhile lowers it again.
  earliest_timer_ = micros(Time::max());
  try {
    for (auto& timer : engine_.store.due_timers(lanes_, now, kMostTimers)) {
      timer.offer.recorded = engine_.clocks.wall();
      tasks.emplace_back();
      tasks.back().timer = std::move(timer);
    }
    if (!tasks.empty()) {
      timer_set(now);  // there may be more, and what fires may set new ones
      return;
    }
    if (const auto due = engine_.store.next_timer(lanes_)) timer_set(*due);
  } catch (...) {
    earliest_timer_ = 0;
    throw;
  }
}

// Moves what has arrived into the backlogs; true where queues hold more. As much as memory allows: a queue that is full
// is left out of librdkafka's next request, which may wait for half a second, however soon it is emptied. A busy
// partition may take what is free beyond its even share, step by step; the others still have theirs.
bool LaneWorker::collect() {
  if (arrived_.exchange(false)) {
    for (auto& [place, feed] : feeds_) feed.has_more = true;
  }
  bool more = false;
  std::vector<Received> taken;
  const auto even = kBacklogBytes / std::max<std::size_t>(1, feeds_.size());
  const auto least = std::max<std::size_t>(std::size_t{1} << 20, even);
  std::size_t held = 0;
  for (const auto& [place, feed] : feeds_) held += feed.backlog_bytes;
  for (auto& [place, feed] : feeds_) {
    const auto before = feed.backlog_bytes;
    const auto share = std::max(least, before + (kBacklogBytes - std::min(held, kBacklogBytes)) / 4);
    while (feed.has_more && feed.backlog_bytes < share) {
      taken.clear();
      feed.has_more = feed.inlet->take(feed.fetched, taken);
      for (auto& received : taken) {
        if (received.offset < feed.fetched) continue;
        feed.fetched = received.offset + 1;
        feed.backlog_bytes += received.weight();
        feed.backlog.push_back(std::move(received));
      }
    }
    held += feed.backlog_bytes - before;
    more = more || feed.has_more;
  }
  return more;
}

void LaneWorker::take_events(std::vector<Task>& tasks, bool& more) {
  if (feeds_.empty() || engine_.publisher.congested()) return;
  more = collect() || more;
  std::size_t busy = 0;
  for (const auto& [place, feed] : feeds_) busy += feed.backlog.empty() ? 0 : 1;
  if (busy == 0) return;
  const auto share = std::max<std::size_t>(20, kMostEvents / busy);
  Reading reading(engine_.registry, engine_.partitions);
  for (auto& [place, feed] : feeds_) reading.read(feed, share);
  for (auto& item : reading.items) {
    tasks.emplace_back();
    tasks.back().item = std::move(item);
  }
  meet_gaps(reading.gaps);
}

void LaneWorker::meet_gaps(const std::vector<Gap>& gaps) {
  for (const auto& gap : gaps) {
    auto& feed = *gap.feed;
    // What stands before the gap is handled first.
    if (feed.backlog.empty() || feed.backlog.front().offset != gap.offset) continue;
    if (feed.gap_at != gap.offset) {
      if (feed.gap_at < 0) feed.gap_rewinds = 0;
      feed.gap_at = gap.offset;
    }
    if (feed.gap_rewinds < 2) {  // every message behind it meets the same gap
      engine_.metrics.gaps.increment();
      telemetry::log_warn(
          "a gap in a chain",
          {telemetry::field::id("topic", feed.topic), telemetry::field::number("partition", feed.partition),
           telemetry::field::number("offset", gap.offset), telemetry::field::number("missing", gap.missing)});
    }
    // Twice the gap back, then the whole topic; after that the gap is real, and what lies behind it is skipped until
    // the publisher has refilled it (it sends everything from the gap on again).
    if (feed.gap_rewinds == 0) {
      ++feed.gap_rewinds;
      rewind(feed, std::max<std::int64_t>(0, feed.next_offset - 2 * gap.missing - 64));
    } else if (feed.gap_rewinds == 1) {
      ++feed.gap_rewinds;
      rewind(feed, 0);
    } else {
      engine_.gaps.met({feed.topic, feed.partition, gap.source, gap.epoch, gap.first_missing, gap.offset});
      feed.backlog_bytes -= feed.backlog.front().weight();
      feed.backlog.pop_front();
    }
    wake();
  }
}

void LaneWorker::rewind(Feed& feed, std::int64_t offset) {
  feed.backlog.clear();
  feed.backlog_bytes = 0;
  feed.fetched = 0;
  feed.inlet->seek(offset);
  feed.has_more = true;
}

// Chains that an operator let go on.
void LaneWorker::take_passed() {
  for (auto& [place, feed] : feeds_) {
    const auto passed = engine_.gaps.take_passed(feed.topic, feed.partition);
    if (!passed) continue;
    auto& last = feed.last_seq[{passed->source, passed->epoch}];
    if (passed->last_seq <= last) continue;  // it has closed by itself
    last = passed->last_seq;
    feed.gap_at = -1;
    feed.gap_rewinds = 0;
    rewind(feed, std::min(feed.next_offset, passed->offset));
  }
}

std::optional<std::int64_t> LaneWorker::compare(const Standing& standing) {
  const HoldTurn turn(turn_);
  const auto found = feeds_.find({standing.place.topic.substr(engine_.prefix.size()), standing.place.partition});
  if (found == feeds_.end()) return std::nullopt;
  restart(found->second, standing);
  return silence(found->second, standing);
}

std::optional<std::int64_t> LaneWorker::silence(Feed& feed, const Standing& standing) {
  const auto now = engine_.clocks.steady();
  const auto read = std::max(feed.fetched, feed.next_offset);
  const bool here = arrived_ || feed.has_more || !feed.backlog.empty();
  const bool waits = !here && read < standing.span.end;
  if (!waits || feed.silent_at != read) {
    feed.silent_at = waits ? read : -1;
    feed.silent_since = now;
  }
  return waits && now - feed.silent_since > kSilence ? std::optional(read) : std::nullopt;
}

void LaneWorker::restart(Feed& feed, const Standing& standing) {
  feed.whole = standing.whole();
  if (!standing.lost() && feed.ends_short() && feed.backlog.empty() && feed.next_offset == standing.span.end) {
    feed.short_checked = feed.short_at;
    rewind(feed, standing.restart());
    return;
  }
  if (!standing.lost() || feed.next_offset != standing.place.offset) return;
  const auto to = standing.restart();
  if (!engine_.store.reset_position(feed.topic, feed.partition, feed.epoch, feed.stored_offset, to)) return;
  note_restart(feed.topic, feed.partition, feed.stored_offset, to);
  feed.next_offset = feed.stored_offset = to;
  feed.passed.clear();
  feed.short_at = feed.short_checked = -1;
  feed.gap_at = -1;
  feed.gap_rewinds = 0;
  rewind(feed, to);
}

// After a commit whose end is not known, or that another replica forbade: the rows say what was applied.
void LaneWorker::reclaim() {
  residents_.doubt_all();
  std::vector<Place> places;
  for (const auto& [place, feed] : feeds_) places.push_back(place);
  if (!places.empty()) {
    for (auto& fresh : engine_.store.claim(engine_.instance, places)) {
      auto& feed = feeds_.at({fresh.topic, fresh.partition});
      // What was read again for a gap stands before the position: the rows tell by the numbers alone whether a commit
      // in doubt was written.
      const bool moved = fresh.stored_offset != feed.stored_offset || fresh.last_seq != feed.last_seq;
      feed.epoch = fresh.epoch;
      if (!moved && (!doubted_ || feed.stored())) continue;
      feed.next_offset = feed.stored_offset = fresh.stored_offset;
      feed.last_seq = std::move(fresh.last_seq);
      feed.passed.clear();
      rewind(feed, feed.next_offset);
      if (feed.next_offset > 0) feed.fetched = feed.next_offset;
    }
  }
  earliest_timer_ = 0;
  leaned_on_.clear();
  doubted_ = false;
  reclaim_ = false;
}

}  // namespace loomline::eventing
