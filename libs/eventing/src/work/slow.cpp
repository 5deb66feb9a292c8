// Keys whose handlers take long: they are noticed, taken out of the others' way, and what they did is written.
#include <algorithm>
#include <utility>

#include "loomline/telemetry/log.hpp"
#include "src/work/task_words.hpp"
#include "src/work/worker.hpp"

namespace loomline::eventing {
namespace {

constexpr int kMostSlowThreads = 16;
constexpr std::size_t kMostJobsBehind = 1000;

Time began(std::chrono::steady_clock::time_point now, std::chrono::steady_clock::time_point since) {
  return wall_now() - std::chrono::duration_cast<Duration>(now - since);
}

}  // namespace

// A task whose key is slow is not performed. A command joins the queue of that key; an event or timer is kept there.
// True: there is nothing left of the task.
bool LaneWorker::set_aside(Task& task) {
  if (slow_.empty()) return false;
  const auto keys = keys_of(task);
  const auto found = std::find_if(keys.begin(), keys.end(), [this](const KeyId& id) { return slow_.contains(id); });
  if (found == keys.end()) return false;
  const auto slow = slow_.at(*found);
  if (task.job != nullptr) {
    if (slow->jobs.size() >= kMostJobsBehind)
      finish(*task.job, unavailable("KEY_BUSY", describe(*found) + " is busy; try again in a few seconds."));
    else
      slow->jobs.push_back(std::move(task.job));
    return true;
  }
  task.set_aside = true;
  for (const auto& id : keys) {
    slow_.try_emplace(id, slow);
    slow->ids.insert(id);
    residents_.drop(id);
  }
  return false;
}

// A task that was set aside is in its key's queue now.
void LaneWorker::recorded(const Task& task) {
  for (const auto& id : keys_of(task)) {
    const auto found = slow_.find(id);
    if (found == slow_.end()) continue;
    auto& slow = *found->second;
    slow.unrecorded.erase(offer_of(task)->id);
    if (slow.unrecorded.empty()) slow.set([](SlowKey& s) { s.recorded = true; });
  }
}

void LaneWorker::watch() {
  std::shared_ptr<Attempt> current;
  std::vector<std::shared_ptr<SlowKey>> watched;
  {
    const std::lock_guard lock(watch_mutex_);
    current = current_;
    std::erase_if(watched_, [](const auto& weak) { return weak.expired(); });
    for (const auto& weak : watched_) watched.push_back(weak.lock());
  }
  const auto now = SteadyClock::now();
  if (current && watched.size() < kMostSlowThreads) {
    const auto running = current->running();
    if (running && now - running->since > engine_.limits.slow) {
      auto slow = std::make_shared<SlowKey>();
      slow->attempt = current;
      slow->task = running->task;
      slow->since = running->since;
      const auto& culprit = current->tasks()[running->task];
      const auto id = keys_of(culprit).front();
      slow->message = describe(culprit);
      slow->shown = {id.kind, id.key, type_of(culprit), began(now, running->since)};
      {
        // Before it is taken over: its thread looks for it as soon as its handler ends.
        const std::lock_guard lock(watch_mutex_);
        watched_.push_back(slow);
      }
      if (const auto taken = current->take_over(); taken && *taken == slow->task) {
        {
          const std::lock_guard lock(watch_mutex_);
          if (current_ == current) current_ = nullptr;
        }
        launch(slow);
      } else {
        const std::lock_guard lock(watch_mutex_);
        std::erase_if(watched_, [&](const auto& weak) { return weak.lock() == slow; });
      }
    }
  }
  for (const auto& slow : watched) {
    bool endless = false;
    {
      const std::lock_guard lock(slow->mutex);
      endless = slow->attempt && !slow->condemned && !slow->writing && !slow->stopped && slow->recorded &&
                now - slow->since > engine_.limits.endless;
      if (endless) slow->condemned = true;
    }
    if (!endless) continue;
    {
      const std::lock_guard lock(threads_mutex_);
      ++lost_;
    }
    ++engine_.lost_threads;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(engine_.limits.endless).count();
    spawn([this, slow, why = "its handler did not end within " + std::to_string(seconds) + " s"] {
      condemn(slow, slow->attempt->tasks()[slow->task], why);
    });
  }
}

// The thread that takes over begins here, with the turn: everything of the attempt but the slow key is tried again.
void LaneWorker::inherit(const std::shared_ptr<SlowKey>& slow) {
  auto& attempt = *slow->attempt;
  const auto& culprit = attempt.tasks()[slow->task];
  const auto keys = keys_of(culprit);
  telemetry::log_warn(
      "a handler is slow; its key is set aside",
      {telemetry::field::id("kind", keys.front().kind), telemetry::field::id("key", keys.front().key),
       telemetry::field::id("type", type_of(culprit)), telemetry::field::id("event", event_of(culprit))});
  for (const auto& id : keys) {
    slow->ids.insert(id);
    slow_[id] = slow;
    residents_.drop(id);
    engine_.metrics.slow.increment();
  }
  for (const auto& [id, fold] : attempt.folds())
    if (!slow->ids.contains(id)) fold->undo();
  // Events are still in their feeds, timers in their table: the next round takes them again, and sets those of the slow
  // key aside; what the slow thread has in its hands must be recorded so before its result may be written. Commands go
  // back to their queue, but for those that the slow thread has executed.
  for (std::size_t i = 0; i <= slow->task; ++i) {
    const auto& task = attempt.tasks()[i];
    const auto own = keys_of(task);
    const bool theirs = std::any_of(own.begin(), own.end(), [&](const KeyId& id) { return slow->ids.contains(id); });
    if (const auto* offer = offer_of(task); theirs && offer != nullptr) slow->unrecorded.insert(offer->id);
  }
  if (slow->unrecorded.empty()) slow->set([](SlowKey& s) { s.recorded = true; });
  {
    const std::lock_guard lock(queue_mutex_);
    for (auto i = attempt.tasks().size(); i-- > 0;) {
      const auto& job = attempt.tasks()[i].job;
      if (job != nullptr && !(slow->ids.contains(job->id) && i <= slow->task)) queue_.push_front(job);
    }
  }
  earliest_timer_ = 0;
}

// The thread that was slow ends here: its result is written, and what has come meanwhile is worked off.
void LaneWorker::finish_slow(const std::shared_ptr<Attempt>& attempt) {
  std::shared_ptr<SlowKey> slow;
  {
    const std::lock_guard lock(watch_mutex_);
    for (const auto& weak : watched_)
      if (auto one = weak.lock(); one && one->attempt == attempt) slow = std::move(one);
  }
  if (!slow) return;
  if (!slow->may_write()) {
    if (slow->is_condemned()) {  // its callers were answered then
      const std::lock_guard lock(threads_mutex_);
      --lost_;
      --engine_.lost_threads;
      return;
    }
    for (std::size_t i = 0; i <= slow->task; ++i)
      if (const auto& job = attempt->tasks()[i].job; job != nullptr && slow->ids.contains(job->id))
        finish(*job, shutting_down());
    return;
  }
  std::set<KeyId> ids;
  std::vector<JobPtr> jobs;
  {
    const HoldTurn turn(turn_);
    ids = slow->ids;
  }
  Commit commit(engine_.registry, engine_.partitions);
  for (const auto& id : ids) {
    auto* fold = attempt->fold(id);
    if (fold == nullptr) continue;
    if (fold->touched())
      commit.folds.push_back(fold);
    else
      commit.compared.push_back(fold);
  }
  for (std::size_t i = 0; i <= slow->task; ++i) {
    const auto& task = attempt->tasks()[i];
    for (const auto& id : keys_of(task)) {
      if (!ids.contains(id) || attempt->fold(id) == nullptr) continue;
      if (task.job != nullptr) {
        jobs.push_back(task.job);
        if (task.job->status.ok() || task.job->with_key)
          commit.scopes.push_back({task.job->scope, task.job->body_hash, task.job->status.ok(), task.job->answer});
      } else if (const auto* offer = offer_of(task); offer != nullptr) {
        commit.settled.emplace_back(id, offer->id);
      }
    }
  }
  bool written = false;
  try {
    auto outcome = engine_.store.open()->commit(commit);
    written = outcome.committed;
    for (const auto& known : outcome.known)
      for (auto& job : jobs)
        if (job != nullptr && job->scope == known.scope) finish_known(*std::exchange(job, nullptr), known);
    if (written) {
      keep_for(*slow, *attempt);
      for (const auto& job : jobs) {
        if (job == nullptr) continue;
        job->positions = engine_.publisher.positions(outcome.events, job->cause.id);
        finish(*job, std::move(job->status));
      }
      jobs.clear();
      engine_.count(static_cast<std::int64_t>(slow->task) + 1, true);
      engine_.publisher.offer(std::move(outcome.events));
      if (outcome.earliest_timer != Time::max()) engine_.on_timer(outcome.earliest_timer);
    }
  } catch (const std::exception& error) {
    telemetry::log_warn("what a slow handler did cannot be written yet", {telemetry::field::error(error)});
  }
  if (!written) {
    const HoldTurn turn(turn_);
    for (auto at = jobs.rbegin(); at != jobs.rend(); ++at)
      if (*at != nullptr) slow->jobs.push_front(*at);
  }
  work_off(slow);
}

// What the slow thread has committed is what it goes on with, and what readers see.
void LaneWorker::keep_for(SlowKey& slow, const Attempt& attempt) {
  const HoldTurn turn(turn_);
  for (const auto& id : slow.ids) {
    const auto* fold = attempt.fold(id);
    if (fold == nullptr || fold->empty() || !fold->resident().def->large()) {
      slow.residents.erase(id);
      continue;
    }
    if (fold->touched() && owned(id)) engine_.snapshots.put(fold->resident());
    slow.residents[id] = fold->share();
  }
}

bool LaneWorker::any_slow() const {
  const std::lock_guard lock(watch_mutex_);
  return std::any_of(watched_.begin(), watched_.end(), [](const auto& weak) { return !weak.expired(); });
}

std::vector<SlowHandler> LaneWorker::slow_keys() const {
  std::vector<SlowHandler> out;
  const std::lock_guard lock(watch_mutex_);
  for (const auto& weak : watched_) {
    const auto slow = weak.lock();
    if (!slow) continue;
    const std::lock_guard slow_lock(slow->mutex);
    out.push_back(slow->shown);
  }
  return out;
}

}  // namespace loomline::eventing
