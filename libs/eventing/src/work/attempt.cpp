#include "src/work/attempt.hpp"

#include <algorithm>
#include <utility>

#include "loomline/telemetry/log.hpp"
#include "src/decide/utf8.hpp"

namespace loomline::eventing {

Status shutting_down() { return unavailable("SHUTTING_DOWN", "The service is shutting down; try again."); }

void finish(Job& job, Status status) {
  if (!std::exchange(job.answered, true)) job.done.set_value(std::move(status));
}

void finish_known(Job& job, const CommitOutcome::Known& known) {
  if (known.body_hash != job.body_hash)
    return finish(job, failed_precondition("IDEMPOTENCY_KEY_REUSED",
                                           "The idempotency key was used for another request; use a new key for a new "
                                           "request."));
  job.response->ParseFromString(known.answer);
  finish(job, {});
}

std::vector<KeyId> keys_of(const Task& task) {
  if (task.job != nullptr) return {task.job->id};
  if (task.timer) return {task.timer->id};
  if (!task.item) return {task.aside};
  std::vector<KeyId> keys;
  if (task.item->what == Item::What::apply)
    for (const auto& hearer : *task.item->hearers)
      keys.push_back({task.item->tenant, hearer.def->kind, task.item->key});
  return keys;
}

std::set<KeyId> Attempt::keys() const {
  std::set<KeyId> keys;
  for (const auto& task : tasks_)
    for (auto& id : keys_of(task)) keys.insert(std::move(id));
  return keys;
}

void Attempt::use(std::shared_ptr<Resident> resident) {
  const auto& id = resident->id;
  folds_.emplace(id, std::make_unique<Fold>(engine_.registry, std::move(resident)));
}

Fold* Attempt::fold(const KeyId& id) const {
  const auto found = folds_.find(id);
  return found == folds_.end() ? nullptr : found->second.get();
}

bool Attempt::begin(std::size_t task) {
  const std::lock_guard lock(mutex_);
  current_ = task;
  in_handler_ = true;
  since_ = engine_.clocks.steady();
  return !taken_;
}

bool Attempt::end() {
  const std::lock_guard lock(mutex_);
  in_handler_ = false;
  return !taken_;
}

std::optional<Attempt::Running> Attempt::running() const {
  const std::lock_guard lock(mutex_);
  if (!in_handler_ || taken_) return std::nullopt;
  return Running{current_, since_};
}

std::optional<std::size_t> Attempt::take_over() {
  const std::lock_guard lock(mutex_);
  if (!in_handler_ || taken_) return std::nullopt;
  taken_ = true;
  return current_;
}

bool Attempt::run(std::chrono::milliseconds budget) {
  const auto until = engine_.clocks.steady() + budget;
  wall_ = engine_.clocks.wall();
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (i > 0 && engine_.clocks.steady() > until) break;
    (void)begin(i);
    perform(tasks_[i], {engine_.clock.now(), wall_, i});
    if (!end()) return false;
    done_ = i + 1;
  }
  return true;
}

void Attempt::dead(const Verdict& verdict, const Offer& offer) {
  if (verdict.kind() != Verdict::Kind::refused) return;
  engine_.metrics.dead.increment();
  telemetry::log_error("a message is dead-lettered and its key parked",
                       {telemetry::field::id("message", offer.id), telemetry::field::id("type", offer.type),
                        telemetry::field::error(verdict.reason())});
}

void Attempt::perform_event(const Item& item, const std::string& condemned, const Moment& moment) {
  if (item.what != Item::What::apply) return;
  ++applied_;
  for (const auto& hearer : *item.hearers) {
    auto& fold = *folds_.at({item.tenant, hearer.def->kind, item.key});
    if (condemned.empty())
      dead(fold.offer(item.offer, moment), item.offer);
    else
      fold.condemn(item.offer, condemned, moment);
  }
}

void Attempt::perform(Task& task, const Moment& moment) {
  if (task.set_aside) return;
  if (task.item) return perform_event(*task.item, task.condemned, moment);
  auto& fold = *folds_.at(task.job != nullptr ? task.job->id : task.timer ? task.timer->id : task.aside);
  ++applied_;
  if (task.job != nullptr) {
    auto& job = *task.job;
    job.response->Clear();
    job.status = fold.command(*job.command->handler, *job.request, *job.response, job.cause, moment);
    if (job.status.ok())
      job.answer = job.response->SerializeAsString();
    else
      --applied_;
  } else if (task.timer) {
    // A handler before it in this step may have moved or cancelled it.
    if (fold.timers().contains(task.timer->offer.type)) return;
    if (task.condemned.empty())
      dead(fold.offer(task.timer->offer, moment), task.timer->offer);
    else
      fold.condemn(task.timer->offer, task.condemned, moment);
  } else {
    fold.offer_aside(moment);
  }
}

void Attempt::fill(Commit& commit) const {
  std::set<KeyId> touched;
  std::vector<const Item*> items;
  for (std::size_t i = 0; i < done_; ++i) {
    const auto& task = tasks_[i];
    if (task.set_aside) {
      const auto& offer = task.item ? task.item->offer : task.timer->offer;
      for (auto& id : keys_of(task)) commit.appended.push_back({std::move(id), offer, "behind a slow handler"});
    } else {
      for (auto& id : keys_of(task)) touched.insert(std::move(id));
    }
    if (task.item) {
      const auto& item = *task.item;
      items.push_back(&item);
      if (item.what == Item::What::unknown) {
        commit.keyless.push_back({"", item.offer, item.tenant, item.key, ""});
      } else if (item.what == Item::What::foreign) {
        engine_.metrics.dead.increment();
        telemetry::log_error("foreign bytes are dead-lettered", {telemetry::field::id("topic", item.offer.topic)});
        // The same message has the same letter, however often it is read.
        const auto what = item.offer.topic + "/" + std::to_string(item.offer.partition) + "/" +
                          std::to_string(item.offset) + "/" + item.offer.body;
        commit.keyless.push_back({mint_id("dlq", item.offer.recorded, engine_.registry.service() + "/" + what),
                                  item.offer, "", storable(item.key, 200), storable(item.reason, 2000)});
      }
    } else if (task.timer) {
      commit.fired.push_back({task.timer->id, task.timer->offer.type, task.timer->due});
    } else if (task.job != nullptr) {
      const auto& job = *task.job;
      if (job.status.ok() || job.with_key)
        commit.scopes.push_back({job.scope, job.body_hash, job.status.ok(), job.answer});
    }
  }
  move_positions(items, commit);
  for (const auto& id : touched) {
    auto* fold = folds_.at(id).get();
    if (fold->touched())
      commit.folds.push_back(fold);
    else
      commit.compared.push_back(fold);
  }
}

void Attempt::undo(const std::set<KeyId>& except) {
  for (auto& [id, fold] : folds_)
    if (!except.contains(id)) fold->undo();
  folds_.clear();
}

}  // namespace loomline::eventing
