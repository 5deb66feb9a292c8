// What was set aside for a key whose handler takes long is worked off by a thread of its own; a handler that never ends
// parks its key.
#include <algorithm>
#include <utility>

#include "loomline/telemetry/log.hpp"
#include "src/commit/load.hpp"
#include "src/work/task_words.hpp"
#include "src/work/worker.hpp"

namespace loomline::eventing {
namespace {

constexpr std::chrono::hours kNoBudget{24};

// Its keys as they stand: what it committed itself with what has come meanwhile, or all of it.
std::vector<std::shared_ptr<Resident>> take_residents(StepSession& session, SlowKey& slow,
                                                      const std::vector<KeyId>& ids) {
  std::vector<std::shared_ptr<Resident>> residents;
  std::vector<KeyId> missing;
  auto known = std::exchange(slow.residents, {});
  for (const auto& id : ids) {
    if (const auto found = known.find(id); found != known.end()) {
      session.refresh(*found->second);
      residents.push_back(std::move(found->second));
    } else {
      missing.push_back(id);
    }
  }
  for (auto& resident : session.load(missing)) residents.push_back(std::move(resident));
  return residents;
}

Status parked_status(const KeyId& id) {
  return failed_precondition("KEY_PARKED", describe(id) +
                                               " is parked: a handler did not end; an operator must replay or "
                                               "drop its dead letter first.");
}

}  // namespace

void LaneWorker::work_off(const std::shared_ptr<SlowKey>& slow) {
  for (int failures = 0;;) {
    if (slow->unwanted()) break;
    try {
      if (work_off_once(slow) && leave(slow)) return;
      failures = 0;
    } catch (const std::exception& error) {
      slow->residents.clear();  // whether it was written is found out from the rows
      telemetry::log_warn("a slow key has to wait", {telemetry::field::error(error)});
      std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1000, 20 << std::min(++failures, 6))));
    }
  }
  std::deque<JobPtr> jobs;
  {
    const HoldTurn turn(turn_);
    jobs.swap(slow->jobs);
  }
  for (const auto& job : jobs) finish(*job, shutting_down());
}

// True where nothing was left to do.
bool LaneWorker::work_off_once(const std::shared_ptr<SlowKey>& slow) {
  std::vector<KeyId> ids;
  std::vector<Task> tasks;
  std::set<KeyId> own;  // what is set aside for the others is for their owners to work off
  {
    const HoldTurn turn(turn_);
    ids.assign(slow->ids.begin(), slow->ids.end());
    for (const auto& id : ids)
      if (owned(id)) own.insert(id);
    for (auto& job : std::exchange(slow->jobs, {})) {
      tasks.emplace_back();
      tasks.back().job = job;
    }
  }
  const auto give_back_jobs = [&] {
    const HoldTurn turn(turn_);
    for (auto at = tasks.rbegin(); at != tasks.rend(); ++at)
      if (at->job != nullptr) slow->jobs.push_front(at->job);
  };
  try {
    const auto session = engine_.store.open();
    auto residents = take_residents(*session, *slow, ids);
    std::vector<Task> all;
    SlowHandler next;
    bool begun = false;
    for (const auto& resident : residents) {
      const auto first = std::find_if(resident->waiting.begin(), resident->waiting.end(),
                                      [](const Waiting& waiting) { return waiting.aside; });
      if (first == resident->waiting.end() || !own.contains(resident->id)) continue;
      // Begun twice already, by processes that are no more: it is not tried a third time.
      const auto stuck =
          std::find_if(resident->waiting.begin(), resident->waiting.end(), [&](const Waiting& waiting) {
            return waiting.aside && waiting.begun - slow->ended >= 2;
          });
      if (stuck != resident->waiting.end()) {
        Task task;
        task.timer = DueTimer{resident->id, stuck->offer, {}};
        slow->set([](SlowKey& s) { s.condemned = true; });
        give_back_jobs();
        condemn(slow, task, "its handler was begun twice by processes that ended in its midst");
        return false;
      }
      std::vector<std::string> heard;
      for (const auto& [type, handler] : resident->def->events) heard.push_back(type);
      session->begin_aside(resident->id, heard, slow->ended);
      begun = true;
      if (all.empty()) next = {resident->id.kind, resident->id.key, first->offer.type, wall_now()};
      all.emplace_back();
      all.back().aside = resident->id;
    }
    all.insert(all.end(), tasks.begin(), tasks.end());
    if (all.empty()) {
      for (auto& resident : residents)
        if (resident->exists && resident->def->large()) slow->residents[resident->id] = std::move(resident);
      return true;
    }
    if (next.key.empty()) {
      const auto id = keys_of(all.front()).front();
      next = {id.kind, id.key, type_of(all.front()), wall_now()};
    }
    slow->begin(describe(all.front()), std::move(next));
    auto attempt = std::make_shared<Attempt>(engine_, std::move(all));
    for (auto& resident : residents) attempt->use(std::move(resident));
    if (begun) slow->ended = 0;
    attempt->run(kNoBudget);
    if (begun) slow->ended = 1;
    if (!slow->may_write()) {
      give_back_jobs();
      return false;
    }
    Commit commit(engine_.registry, engine_.partitions);
    attempt->fill(commit);
    auto outcome = session->commit(commit);
    for (const auto& known : outcome.known)
      for (auto& task : tasks)
        if (task.job != nullptr && task.job->scope == known.scope)
          finish_known(*std::exchange(task.job, nullptr), known);
    if (!outcome.committed) {
      give_back_jobs();
      return false;
    }
    // What waits on, waits for its precondition now, like anything else.
    for (const auto& id : own) session->end_aside(id);
    slow->ended = 0;
    keep_for(*slow, *attempt);
    for (auto& [id, resident] : slow->residents)
      for (auto& waiting : resident->waiting) {
        waiting.aside = false;
        waiting.begun = 0;
      }
    for (auto& task : tasks) {
      if (task.job == nullptr) continue;
      auto& job = *task.job;
      job.positions = engine_.publisher.positions(outcome.events, job.cause.id);
      finish(job, std::move(job.status));
    }
    engine_.count(attempt->applied(), true);
    engine_.publisher.offer(std::move(outcome.events));
    if (outcome.earliest_timer != Time::max()) engine_.on_timer(outcome.earliest_timer);
    return false;
  } catch (...) {
    give_back_jobs();
    throw;
  }
}

// Gives the key back to the worker, unless more has come for it.
bool LaneWorker::leave(const std::shared_ptr<SlowKey>& slow) {
  const HoldTurn turn(turn_);
  if (!slow->jobs.empty()) return false;
  const auto session = engine_.store.open();
  for (const auto& id : slow->ids) {
    if (!owned(id)) continue;
    const auto& def = *engine_.registry.kind(id.kind);
    for (const auto& one : session->set_aside(id))
      if (hears(def, one.timer, one.type)) return false;
  }
  for (const auto& id : slow->ids) {
    slow_.erase(id);
    if (const auto known = slow->residents.find(id); known != slow->residents.end() && owned(id)) {
      residents_.keep(known->second);
      continue;
    }
    engine_.snapshots.drop(id);
    residents_.drop(id);
  }
  wake();
  return true;
}

// A handler that does not end: the key is parked with its message, everybody who waits for it is told, and the thread
// is left alone.
void LaneWorker::condemn(const std::shared_ptr<SlowKey>& slow, const Task& culprit, const std::string& why) {
  const auto keys = keys_of(culprit);
  const auto reason = why + " (" + slow->message + ")";
  telemetry::log_error(
      "a handler does not end; its key is parked",
      {telemetry::field::id("kind", keys.front().kind), telemetry::field::id("key", keys.front().key),
       telemetry::field::id("type", type_of(culprit)), telemetry::field::id("event", event_of(culprit))});
  Commit commit(engine_.registry, engine_.partitions);
  for (const auto& id : keys) {
    Parked parked;
    parked.key = id;
    if (const auto* offer = offer_of(culprit); offer != nullptr) {
      parked.offer = *offer;
      commit.settled.emplace_back(id, offer->id);
    } else if (culprit.job != nullptr) {
      parked.offer.id = culprit.job->scope;
      parked.offer.type = culprit.job->cause.type;
      parked.offer.source = engine_.registry.service();
    }
    parked.letter = mint_id("dlq", wall_now(), engine_.registry.service() + "/" + describe(id) + "/" + parked.offer.id);
    parked.reason = reason;
    commit.parked.push_back(std::move(parked));
  }
  for (int tries = 1;; ++tries) {
    try {
      engine_.store.open()->commit(commit);
      break;
    } catch (const std::exception& error) {
      telemetry::log_error("a key cannot be parked yet", {telemetry::field::error(error)});
      if (tries > 100) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }
  engine_.metrics.dead.increment();
  std::deque<JobPtr> jobs;
  {
    const HoldTurn turn(turn_);
    jobs.swap(slow->jobs);
    for (const auto& id : slow->ids) {
      slow_.erase(id);
      residents_.drop(id);
    }
  }
  for (const auto& job : jobs) finish(*job, parked_status(job->id));
  if (slow->attempt)
    for (std::size_t i = 0; i <= slow->task; ++i)
      if (const auto& job = slow->attempt->tasks()[i].job; job != nullptr && slow->ids.contains(job->id))
        finish(*job, parked_status(job->id));
  wake();
}

// After a restart, and when lanes come: what was set aside is worked off.
void LaneWorker::resume_aside() {
  engine_.store.offer_unknown();
  const auto kept = engine_.store.set_aside();
  look_for_aside_ = false;
  for (const auto& [id, timer, type] : kept) {
    const auto* def = engine_.registry.kind(id.kind);
    if (!owned(id) || slow_.contains(id) || def == nullptr || !hears(*def, timer, type)) continue;
    auto slow = std::make_shared<SlowKey>();
    slow->ids.insert(id);
    slow->recorded = true;
    slow->message = "what was set aside";
    slow->shown = {id.kind, id.key, {}, wall_now()};
    slow_[id] = slow;
    residents_.drop(id);
    {
      const std::lock_guard lock(watch_mutex_);
      watched_.push_back(slow);
    }
    spawn([this, slow] { work_off(slow); });
  }
}

}  // namespace loomline::eventing
