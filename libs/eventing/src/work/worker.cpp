#include "src/work/worker.hpp"

#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/decide/utf8.hpp"

namespace loomline::eventing {

namespace {

constexpr std::size_t kMostWaitingJobs = 5000;
constexpr std::chrono::seconds kPatienceAtStop{5};
constexpr std::chrono::milliseconds kNap{100};
constexpr std::chrono::milliseconds kLongestNap{500};

// What anybody may have written to a topic, for an operator's eyes.
std::string utf8_or(std::string_view text) { return is_storable(text) ? std::string(text) : "(not text)"; }

}  // namespace

LaneWorker::LaneWorker(Engine& engine, int number)
    : engine_(engine),
      number_(number),
      residents_(engine.limits.resident_bytes),
      last_round_ms_(engine.clocks.steady_ms()) {}
LaneWorker::~LaneWorker() { stop(); }

void LaneWorker::start() { launch(nullptr); }

// Threads are counted, not joined: one that is stuck in a handler cannot be. It holds what it uses.
void LaneWorker::spawn(std::function<void()> body) {
  {
    const std::lock_guard lock(threads_mutex_);
    ++threads_;
  }
  std::thread([this, alive = engine_.self.lock(), body = std::move(body)]() mutable {
    {
      const telemetry::ServiceScope scope(engine_.registry.service());
      name_thread(engine_.registry.service(), "lane");
      body();
      body = nullptr;
    }
    {
      const std::lock_guard lock(threads_mutex_);
      --threads_;
      thread_ended_.notify_all();
    }
  }).detach();
}

void LaneWorker::launch(std::shared_ptr<SlowKey> inherited) {
  spawn([this, inherited = std::move(inherited)]() mutable { run(std::move(inherited)); });
}

void LaneWorker::stop() {
  {
    const std::lock_guard lock(queue_mutex_);
    if (stop_) return;
    stop_ = true;
  }
  woken_.notify_all();
  const auto until = SteadyClock::now() + kPatienceAtStop;
  for (;;) {
    {
      std::unique_lock lock(threads_mutex_);
      if (thread_ended_.wait_for(lock, std::chrono::milliseconds(20), [this] { return threads_ <= lost_; })) break;
      if (SteadyClock::now() > until) {
        engine_.lost_threads += threads_ - lost_;
        lost_ = threads_;
        telemetry::log_error("handlers did not end; their threads are left alone",
                             {telemetry::field::number("threads", threads_)});
        break;
      }
    }
    watch();
    const std::lock_guard lock(watch_mutex_);
    for (const auto& weak : watched_)
      if (const auto slow = weak.lock()) slow->set([](SlowKey& s) { s.stopped = true; });
  }
  std::deque<JobPtr> left;
  {
    const std::lock_guard lock(queue_mutex_);
    left.swap(queue_);
  }
  for (const auto& job : left) finish(*job, shutting_down());
}

void LaneWorker::wake() {
  arrived_ = true;
  {
    const std::lock_guard lock(queue_mutex_);
    wake_ = true;
  }
  woken_.notify_one();
}

LaneWorker::Submitted LaneWorker::submit(JobPtr job) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (stop_) return Submitted::stopping;
    if (queue_.size() >= kMostWaitingJobs) return Submitted::full;
    queue_.push_back(std::move(job));
    wake_ = true;
  }
  woken_.notify_one();
  return Submitted::yes;
}

void LaneWorker::add(std::vector<Feed> feeds) {
  {
    const HoldTurn turn(turn_);
    for (auto& feed : feeds) {
      feed.inlet->on_arrival([this] { wake(); });
      const Place place{feed.topic, feed.partition};
      feeds_.insert_or_assign(place, std::move(feed));
    }
  }
  wake();
}

void LaneWorker::remove(const std::set<Place>& places) {
  const HoldTurn turn(turn_);
  for (const auto& place : places) {
    const auto found = feeds_.find(place);
    if (found == feeds_.end()) continue;
    found->second.inlet->on_arrival({});
    feeds_.erase(found);
  }
  const std::lock_guard lock(watch_mutex_);
  for (const auto& place : places) {
    noted_.forget(topic_number(place.first), place.second);
    passed_.erase(place);
  }
  std::erase_if(behind_, [&](const auto& entry) { return places.contains(entry.first); });
}

void LaneWorker::own_lanes(std::set<int> lanes) {
  {
    const HoldTurn turn(turn_);
    // What another process may have worked on is read again.
    const auto gone = [&](int lane) { return !lanes.contains(lane) || !lanes_.contains(lane); };
    residents_.drop_if([&](const KeyId& id) { return gone(lane_of(id.key, engine_.partitions)); });
    engine_.snapshots.drop_lanes([&](int lane) { return lanes_.contains(lane) && !lanes.contains(lane); },
                                 engine_.partitions);
    std::erase_if(leaned_on_, [&](const auto& entry) { return gone(lane_of(entry.first.key, engine_.partitions)); });
    lanes_ = std::move(lanes);
    look_for_aside_ = !lanes_.empty();
    earliest_timer_ = 0;  // unknown: look
    owns_lanes_ = !lanes_.empty();
  }
  wake();
}

void LaneWorker::timer_set(Time due) {
  auto known = earliest_timer_.load();
  while (micros(due) < known && !earliest_timer_.compare_exchange_weak(known, micros(due))) {
  }
  // A wall clock calls nobody: who naps past the time is woken to nap for less.
  if (due <= engine_.clock.now() + (engine_.clock.is_wall() ? kLongestNap : Duration{})) wake();
}

// Whatever gives it work wakes it. What it looks for by itself: timers of a wall clock, what commands of other replicas
// set, and what was left because too much waits to be published.
std::chrono::milliseconds LaneWorker::nap() const {
  if (!engine_.publisher.alone() || engine_.publisher.congested()) return kNap;
  if (!engine_.clock.is_wall() || !owns_lanes_) return kLongestNap;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(from_micros(earliest_timer_) - engine_.clock.now());
  return std::clamp(left, std::chrono::milliseconds(1), kLongestNap);
}

void LaneWorker::positions(std::map<Place, std::int64_t>& out) {
  const HoldTurn turn(turn_);
  for (const auto& [place, feed] : feeds_) out[place] = feed.next_offset;
}

void LaneWorker::noted_positions(Positions& out) const {
  const std::lock_guard lock(watch_mutex_);
  out.at_least(noted_);
}

Position LaneWorker::noted_position(int topic, int partition) const {
  const std::lock_guard lock(watch_mutex_);
  return noted_.at(topic, partition);
}

void LaneWorker::run(std::shared_ptr<SlowKey> inherited) {
  if (inherited) {  // and with it the turn
    inherit(inherited);
    inherited = nullptr;
    turn_.release();
    wake();
  }
  for (;;) {
    {
      std::unique_lock lock(queue_mutex_);
      woken_.wait_for(lock, nap(), [this] { return wake_ || stop_; });
      if (stop_) return;
      wake_ = false;
    }
    const auto after = take_turn();
    if (after == After::gone) return;
    if (after == After::more) wake();
  }
}

LaneWorker::After LaneWorker::take_turn() {
  last_round_ms_ = engine_.clocks.steady_ms();
  HoldTurn turn(turn_);
  try {
    const bool more = round();
    failures_ = 0;
    return more ? After::more : After::rest;
  } catch (const Taken& taken) {
    turn.abandon();
    finish_slow(taken.attempt);
    return After::gone;
  } catch (const postgres::Error& error) {
    recover(error);
  } catch (const std::exception& error) {
    telemetry::log_error("a lane failed", {telemetry::field::error(error)});
    note_trouble(error.what());
    reclaim_ = true;
    engine_.clocks.sleep(std::chrono::milliseconds(500));
  }
  return After::more;
}

void LaneWorker::recover(const postgres::Error& error) {
  telemetry::log_warn("a lane has to wait", {telemetry::field::error(error)});
  note_trouble(error.what());
  weary_callers();
  // An offset that moved, or a commit in doubt: the rows say what was applied.
  if (error.in_doubt() || error.kind() == postgres::ErrorKind::refused) reclaim_ = true;
  if (error.retryable() || error.in_doubt()) return;
  ++failures_;
  engine_.clocks.sleep(std::chrono::milliseconds(std::min(1000, 20 << std::min(failures_, 6))));
}

bool LaneWorker::round() {
  if (reclaim_) reclaim();
  take_passed();
  if (look_for_aside_) resume_aside();
  store_passed();
  bool more = false;
  auto tasks = gather(more);
  note_progress(tasks);
  if (!tasks.empty()) {
    work(std::move(tasks), engine_.limits.budget);
    more = more || anything_left();
    note_progress({});
  }
  residents_.trim();
  return more;
}

bool LaneWorker::anything_left() {
  if (std::any_of(feeds_.begin(), feeds_.end(), [](const auto& entry) { return !entry.second.backlog.empty(); }))
    return true;
  return jobs_wait();
}

void LaneWorker::note(const Place& place, std::string what, const std::function<StalledLane()>& look) {
  const auto [at, fresh] = behind_.try_emplace(place);
  if (!fresh && at->second.what == what) return;
  at->second = {std::move(what), look()};
  at->second.seen.since = engine_.clocks.steady();
  at->second.seen.began = engine_.clocks.wall();
}

// Since when is something there, of which nothing was done? `in_hand` is about to be worked on.
void LaneWorker::note_progress(const std::vector<Task>& in_hand) {
  const std::lock_guard lock(watch_mutex_);
  for (const auto& [place, feed] : feeds_) {
    noted_.set(feed.topic_number, feed.partition, feed.position());
    if (feed.backlog.empty()) {
      if (!behind_.empty()) behind_.erase(place);
      continue;
    }
    note(place, std::to_string(feed.next_offset), [&feed = feed] {
      const auto& first = feed.backlog.front();
      const auto type = first.headers.find("ce_type");
      return StalledLane{feed.partition,
                         feed.topic,
                         {},
                         {},
                         utf8_or(first.key),
                         type == first.headers.end() ? "" : utf8_or(type->second),
                         {}};
    });
  }
  const auto find = [&](const auto& is) {
    const auto found = std::find_if(in_hand.begin(), in_hand.end(), is);
    return found == in_hand.end() ? nullptr : &*found;
  };
  const Place timers{"timers", number_};
  if (const auto* task = find([](const Task& one) { return one.timer.has_value(); }); task == nullptr) {
    behind_.erase(timers);
  } else {
    const auto& timer = *task->timer;
    note(timers, timer.offer.id, [&] {
      return StalledLane{
          lane_of(timer.id.key, engine_.partitions), "timers", {}, {}, timer.id.key, timer.offer.type, {}};
    });
  }
  const Place commands{"commands", number_};
  const auto* task = find([](const Task& one) { return one.job != nullptr; });
  const std::lock_guard queue_lock(queue_mutex_);
  const auto job = task != nullptr ? task->job : queue_.empty() ? nullptr : queue_.front();
  if (job == nullptr) {
    behind_.erase(commands);
    return;
  }
  note(commands, job->scope, [&] {
    return StalledLane{
        lane_of(job->id.key, engine_.partitions), "commands", {}, {}, job->id.key, job->command->handler->method, {}};
  });
}

void LaneWorker::note_trouble(std::string what) {
  const std::lock_guard lock(watch_mutex_);
  trouble_ = std::move(what);
}

std::vector<StalledLane> LaneWorker::stalled_lanes() const {
  const auto now = engine_.clocks.steady();
  std::vector<StalledLane> stalled;
  const std::lock_guard lock(watch_mutex_);
  for (const auto& [place, progress] : behind_) {
    if (!is_stalled(progress.seen.since, now)) continue;
    auto& lane = stalled.emplace_back(progress.seen);
    lane.reason = trouble_;
    if (lane.reason.empty() && engine_.publisher.congested()) lane.reason = "too much waits to be published";
  }
  return stalled;
}

}  // namespace loomline::eventing
