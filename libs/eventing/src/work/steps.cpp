// From tasks to commits: residents are found or read, handlers run, one call writes, callers are answered.
#include <algorithm>

#include "loomline/base/hash.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/faults.hpp"
#include "src/work/worker.hpp"

namespace loomline::eventing {
namespace {

constexpr int kMostTries = 12;     // of a step that others keep getting ahead of
constexpr int kLockAfter = 3;      // conflicts; then its rows are locked first
constexpr int kMostJobTries = 12;  // of a command while the database does not answer
constexpr std::chrono::hours kNoBudget{24};

bool is_data(const postgres::Error& error) {
  using Kind = postgres::ErrorKind;
  const bool data =
      error.kind() == Kind::other || error.kind() == Kind::constraint || error.kind() == Kind::unique_violation;
  // A full disk or a missing table is nobody's event.
  return data && !error.sqlstate().starts_with("53") && !error.sqlstate().starts_with("42P01");
}

// Until a step whose rows others keep writing is tried again.
std::chrono::milliseconds pause_after(int tries) { return std::chrono::milliseconds(std::min(200, 2 << tries)); }

}  // namespace

bool LaneWorker::owned(const KeyId& id) const { return lanes_.contains(lane_of(id.key, engine_.partitions)); }

void LaneWorker::work(std::vector<Task> tasks, std::chrono::milliseconds budget) {
  for (int tries = 1; !tasks.empty(); ++tries) {
    try {
      if (attempt(tasks, budget, tries) == Tried::done) return;
      if (tries > kLockAfter) engine_.clocks.sleep(pause_after(tries - kLockAfter));
      if (tries > kMostTries) throw postgres::Error(postgres::ErrorKind::retryable, "", "others keep getting ahead");
    } catch (const postgres::Error& error) {
      if (!is_data(error)) {
        for (auto& task : tasks)
          if (task.job != nullptr && error.in_doubt()) task.job->in_doubt = true;
        give_back(tasks, 0);
        throw;
      }
      telemetry::log_error("the database refuses what a step would write", {telemetry::field::error(error)});
      split(std::move(tasks), error.what());
      return;
    } catch (const std::exception&) {
      // Events and timers come again by themselves; who waits for a command is told.
      for (auto& task : tasks)
        if (task.job != nullptr) finish(*task.job, internal("The command failed; ask again with the same key."));
      throw;
    }
  }
}

// A stopped or overloaded database is waited for; the caller of a command not for ever.
void LaneWorker::weary_callers() {
  const std::lock_guard lock(queue_mutex_);
  std::erase_if(queue_, [](const JobPtr& job) {
    if (++job->tries <= kMostJobTries) return false;
    finish(*job, job->in_doubt ? Status(Code::unknown, "IN_DOUBT",
                                        "Whether this happened is not known; ask again with the same key.")
                               : unavailable("DATABASE", "The database does not answer; try again in a few seconds."));
    return true;
  });
}

// The poison is found by halving, so that the others go through in few steps.
void LaneWorker::split(std::vector<Task> tasks, const std::string& why) {
  if (tasks.size() > 1) {
    const auto half = static_cast<std::ptrdiff_t>(tasks.size() / 2);
    std::vector<Task> rest(std::make_move_iterator(tasks.begin() + half), std::make_move_iterator(tasks.end()));
    tasks.resize(static_cast<std::size_t>(half));
    try {
      work(std::move(tasks), kNoBudget);
    } catch (...) {
      give_back(rest, 0);  // their callers wait
      throw;
    }
    work(std::move(rest), kNoBudget);
    return;
  }
  auto& task = tasks.front();
  if (task.job != nullptr) {
    finish(*task.job, internal("The database refused what this command would write."));
    return;
  }
  if (task.condemned.empty()) {
    task.condemned = "the database refused its effects: " + why;
  } else if (task.item && task.item->what == Item::What::apply) {
    task.item->what = Item::What::foreign;  // not even that can be written under its key
    task.item->reason = task.condemned;
  } else {
    throw std::runtime_error("a message can neither be applied nor dead-lettered: " + why);
  }
  work(std::move(tasks), kNoBudget);
}

void LaneWorker::give_back(std::vector<Task>& tasks, std::size_t from) {
  {
    const std::lock_guard lock(queue_mutex_);
    for (auto i = tasks.size(); i-- > from;)
      if (tasks[i].job != nullptr) queue_.push_front(std::move(tasks[i].job));
  }
  tasks.clear();
}

void LaneWorker::load_for(Attempt& attempt, StepSession& session, bool fresh) {
  std::vector<KeyId> missing;
  for (const auto& id : attempt.keys()) {
    if (slow_.contains(id)) continue;
    auto known = residents_.find(id);
    if (known && (fresh || known->behind || !owned(id))) {
      if (known->def->large()) {
        bring_up(session, *known);
      } else {
        known = nullptr;
      }
    }
    if (known)
      attempt.use(std::move(known));
    else
      missing.push_back(id);
  }
  for (auto& resident : session.load(missing)) attempt.use(std::move(resident));
}

void LaneWorker::bring_up(StepSession& session, Resident& known) {
  try {
    session.refresh(known);
    known.behind = false;
  } catch (const postgres::Error&) {
    throw;  // nothing was changed
  } catch (...) {
    residents_.drop(KeyId(known.id));
    throw;
  }
}

// What takes long is done while nobody waits for the rows: once they are locked only the last steps are left to read.
void LaneWorker::read_ahead(const std::set<KeyId>& keys) {
  const auto session = engine_.store.open();
  for (const auto& id : keys) {
    if (slow_.contains(id) || !engine_.registry.kind(id.kind)->large()) continue;
    if (const auto known = residents_.find(id))
      bring_up(*session, *known);
    else
      residents_.keep(session->load({id}).front());
  }
}

// Most of what a topic says is for others.
bool LaneWorker::pass_over(std::vector<Task>& tasks) {
  std::vector<const Item*> items;
  items.reserve(tasks.size());
  for (const auto& task : tasks) {
    if (!task.item || task.item->what != Item::What::skip || !task.condemned.empty()) return false;
    items.push_back(&*task.item);
  }
  note_passed(items);
  return true;
}

void LaneWorker::note_passed(const std::vector<const Item*>& items) {
  eventing::pass_over(items, engine_.clocks.steady());
  const std::lock_guard lock(watch_mutex_);
  for (const auto* item : items)
    if (item->seq > 0) passed_[{item->feed->topic, item->feed->partition}][{item->source, item->epoch}] = item->seq;
}

// The step's handlers had nothing to do for what they heard: it is passed over as if it were for others.
void LaneWorker::lean(const Attempt& attempt, const Commit& commit) {
  std::vector<const Item*> items;
  for (std::size_t i = 0; i < attempt.done(); ++i) items.push_back(&*attempt.tasks()[i].item);
  note_passed(items);
  note_trouble({});
  for (const auto* fold : commit.compared) leaned_on_.insert_or_assign(fold->id(), fold->version());
  for (const auto& [id, fold] : attempt.folds())
    if (!fold->empty()) residents_.keep(fold->share());
}

void LaneWorker::lean_no_more(const CommitOutcome& outcome) {
  if (outcome.committed) return leaned_on_.clear();
  if (std::any_of(outcome.stale.begin(), outcome.stale.end(),
                  [this](const KeyId& id) { return leaned_on_.contains(id); }))
    doubt();
}

// Another wrote what was leaned on: whatever was passed over since the rows were written is read again.
void LaneWorker::doubt() {
  doubted_ = true;
  throw postgres::Error(postgres::ErrorKind::refused, "", "a row that was only read was written by another");
}

// What was passed over a while ago, so that a restart need not read it again, and others see how far this service is.
void LaneWorker::store_passed() {
  constexpr std::chrono::seconds kAWhile{1};
  const auto now = engine_.clocks.steady();
  std::vector<Feed*> feeds;
  for (auto& [place, feed] : feeds_)
    if (!feed.stored() && now - feed.passed_since > kAWhile) feeds.push_back(&feed);
  if (feeds.empty()) return;
  Commit commit(engine_.registry, engine_.partitions);
  move_positions(feeds, commit);
  commit.leaned_on.assign(leaned_on_.begin(), leaned_on_.end());
  const auto outcome = engine_.store.open()->commit(commit);
  if (outcome.moved)
    throw postgres::Error(postgres::ErrorKind::refused, "", "a consumed partition was moved by another owner");
  lean_no_more(outcome);
  if (!outcome.committed) throw postgres::Error(postgres::ErrorKind::retryable, "", "others keep getting ahead");
  engine_.count(0, false);
  for (auto* feed : feeds) {
    feed->stored_offset = feed->next_offset;
    feed->passed.clear();
  }
}

bool LaneWorker::has_passed(const Place& place, const std::pair<std::string, std::int64_t>& chain,
                            std::int64_t seq) const {
  const std::lock_guard lock(watch_mutex_);
  const auto chains = passed_.find(place);
  if (chains == passed_.end()) return false;
  const auto found = chains->second.find(chain);
  return found != chains->second.end() && found->second >= seq;
}

LaneWorker::Tried LaneWorker::attempt(std::vector<Task>& tasks, std::chrono::milliseconds budget, int tries) {
  std::erase_if(tasks, [this](Task& task) { return set_aside(task); });
  if (tasks.empty() || pass_over(tasks)) return Tried::done;
  const auto trying = std::make_shared<Attempt>(engine_, std::move(tasks));
  std::unique_ptr<StepSession> session;
  try {
    const auto keys = trying->keys();
    const bool lock = tries > kLockAfter;
    if (lock) read_ahead(keys);
    session = engine_.store.open(lock ? &keys : nullptr);
    load_for(*trying, *session, tries > 1);
  } catch (...) {
    tasks = std::move(trying->tasks());
    throw;
  }
  {
    const std::lock_guard lock(watch_mutex_);
    current_ = trying;
  }
  const bool ours = trying->run(faults::planted(faults::Bug::no_step_budget) ? kNoBudget : budget);
  if (!ours) throw Taken{trying};
  {
    const std::lock_guard lock(watch_mutex_);
    current_ = nullptr;
  }
  if (faults::planted(faults::Bug::answer_before_commit))
    for (std::size_t i = 0; i < trying->done(); ++i)
      if (const auto& job = trying->tasks()[i].job; job != nullptr) finish(*job, job->status);
  CommitOutcome outcome;
  try {
    Commit commit(engine_.registry, engine_.partitions);
    trying->fill(commit);
    if (faults::planted(faults::Bug::ignore_idempotency)) commit.scopes.clear();
    if (faults::planted(faults::Bug::timer_stays)) commit.fired.clear();
    const auto done = static_cast<std::ptrdiff_t>(trying->done());
    // Beside replicas, whose commands write what is leaned on, there would be much to doubt.
    if (engine_.publisher.alone() && !commit.empty() && commit.only_moves() &&
        std::all_of(trying->tasks().begin(), trying->tasks().begin() + done,
                    [](const Task& task) { return task.item.has_value(); })) {
      lean(*trying, commit);
      tasks = std::move(trying->tasks());
      give_back(tasks, static_cast<std::size_t>(done));
      return Tried::done;
    }
    for (const auto* fold : commit.folds)
      if (const auto known = leaned_on_.find(fold->id()); known != leaned_on_.end() && known->second != fold->version())
        doubt();
    commit.leaned_on.assign(leaned_on_.begin(), leaned_on_.end());
    commit.alone = engine_.publisher.alone();
    if (!commit.empty()) {
      outcome = session->commit(commit);
      lean_no_more(outcome);
    } else {
      outcome.committed = true;
    }
    if (faults::lose_commit_answer.exchange(false))
      throw postgres::Error(postgres::ErrorKind::in_doubt, "", "a test lost the answer of COMMIT");
  } catch (...) {
    trying->undo();
    tasks = std::move(trying->tasks());
    // Whether it was written is found out from the rows.
    for (const auto& [id, fold] : trying->folds()) {
      if (fold->resident().def->large()) residents_.keep(fold->share());
      residents_.doubt(id);
    }
    throw;
  }
  if (!outcome.committed) {
    trying->undo();
    tasks = std::move(trying->tasks());
    refused(tasks, outcome);
    return tasks.empty() ? Tried::done : Tried::again;
  }
  const auto done = trying->done();
  committed(*trying, std::move(outcome));
  tasks = std::move(trying->tasks());
  give_back(tasks, done);
  return Tried::done;
}

void LaneWorker::committed(Attempt& attempt, CommitOutcome outcome) {
  std::vector<const Item*> items;
  for (std::size_t i = 0; i < attempt.done(); ++i)
    if (attempt.tasks()[i].item) items.push_back(&*attempt.tasks()[i].item);
  advance_feeds(items);
  for (std::size_t i = 0; i < attempt.done(); ++i)
    if (attempt.tasks()[i].set_aside) recorded(attempt.tasks()[i]);
  engine_.count(attempt.applied(), outcome.stirred);
  note_trouble({});
  for (const auto& [id, fold] : attempt.folds()) {
    if (fold->empty()) {
      residents_.drop(id);
      engine_.snapshots.drop(id);
      continue;
    }
    if (fold->touched() && fold->resident().def->large() && owned(id)) engine_.snapshots.put(fold->resident());
    residents_.keep(fold->share());
  }
  const auto known_of = [&](const Job& job) {
    return std::find_if(outcome.known.begin(), outcome.known.end(),
                        [&](const auto& known) { return known.scope == job.scope; });
  };
  for (std::size_t i = 0; i < attempt.done(); ++i)
    if (const auto& job = attempt.tasks()[i].job; job != nullptr)
      job->positions = engine_.publisher.positions(outcome.events, job->cause.id);
  // Before anybody is answered: what they do next may end the process.
  engine_.publisher.offer(std::move(outcome.events));
  for (std::size_t i = 0; i < attempt.done(); ++i) {
    const auto& job = attempt.tasks()[i].job;
    if (job == nullptr) continue;
    if (const auto known = known_of(*job); known != outcome.known.end()) {
      finish_known(*job, *known);
      continue;
    }
    finish(*job, std::move(job->status));
  }
  if (outcome.earliest_timer != Time::max()) engine_.on_timer(outcome.earliest_timer);
}

// What is left to try after a commit that found things to be otherwise.
void LaneWorker::refused(std::vector<Task>& tasks, const CommitOutcome& outcome) {
  if (outcome.moved)
    throw postgres::Error(postgres::ErrorKind::refused, "", "a consumed partition was moved by another owner");
  for (const auto& known : outcome.known)
    for (auto& task : tasks)
      if (task.job != nullptr && task.job->scope == known.scope) {
        finish_known(*task.job, known);
        task.job = nullptr;
      }
  if (outcome.fired) {
    for (auto& task : tasks) task.timer.reset();
    earliest_timer_ = 0;
    wake();
  }
  std::erase_if(tasks, [](const Task& task) {
    return task.job == nullptr && !task.timer && !task.item && task.aside.key.empty();
  });
  for (const auto& id : outcome.stale)
    if (const auto* kind = engine_.registry.kind(id.kind); kind == nullptr || !kind->large()) residents_.drop(id);
}

}  // namespace loomline::eventing
