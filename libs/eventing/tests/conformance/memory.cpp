// Rounds, answers, and what memory holds.
#include "tests/conformance/memory.hpp"

#include "loomline/postgres/error.hpp"
#include "src/decide/fold.hpp"
#include "tests/conformance/event.hpp"

namespace loomline::eventing::conformance {

AskedPtr InMemory::submit(Replica replica, const Call& call) {
  auto asked = std::make_shared<Asked>(Asked{call, std::nullopt});
  auto& process = *replicas_.at(replica).process;
  if (process.engine().publisher.congested()) {  // as Commands::execute
    asked->answer = {unavailable("OUTBOX_FULL", "Too much is waiting to be published."), 0};
    return asked;
  }
  const auto job = process.submit(call.method, *request_of(call), *response_of(call.method), options_of(call.key));
  if (!job.ok()) {
    asked->answer = {job.status(), 0};
  } else {
    under_way_.push_back({replica, asked, *job, (*job)->done.get_future()});
  }
  return asked;
}

// Everybody's turn, in a fixed order.
void InMemory::round() {
  ++rounds_;
  balance();
  for (const auto& [id, replica] : std::map(replicas_)) {
    replica.process->work();
    if (doomed_ && doomed_->first == id && committed(id) > doomed_->second) {
      doomed_.reset();
      kill(id);
      continue;
    }
    replica.process->publish();
    replica.process->carry(1000);
    if (rounds_ % 5 == 0) replica.process->look_for_gaps();
    if (rounds_ % 25 == 0) replica.process->check_topics();
  }
  hear_answers();
  world_.pass(std::chrono::milliseconds(50));
  world_.business().advance(world_.now());
}

// As the group does it: again and again, until the database takes the claims.
void InMemory::balance() {
  for (const auto& service : std::set(unbalanced_)) {
    try {
      world_.rebalance(service);
      unbalanced_.erase(service);
    } catch (const postgres::Error&) {
    }
  }
}

void InMemory::hear_answers() {
  std::erase_if(under_way_, [](UnderWay& one) {
    if (one.done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
    auto status = one.done.get();
    const auto total = status.ok() ? total_of(*one.job->response) : 0;
    one.asked->answer = {std::move(status), total};
    return true;
  });
}

std::vector<Letter> InMemory::letters(const std::string& service) {
  std::vector<Letter> open;
  for (const auto& [id, letter] : store(service).dead_letters) {
    const auto row = store(service).rows.find(letter.key);
    const auto behind = row == store(service).rows.end() ? 0 : static_cast<std::int64_t>(row->second.waiting.size());
    open.push_back({id, letter.key.key, letter.offer.id, letter.reason, behind});
  }
  return open;
}

// As the kernel's operator: a step of the key (src/operate/operator.cpp). A letter that was decided on is taken out.
Status InMemory::decide(const std::string& service, const std::string& letter, bool again) {
  const auto found = store(service).dead_letters.find(letter);
  if (found == store(service).dead_letters.end()) return failed_precondition("DEAD_LETTER_CLOSED", "It is closed.");
  const auto dead = found->second;
  if (!dead.key.kind.empty()) {
    const auto& registry = world_.at(service).registry;
    Fold fold(registry, store(service).read(dead.key));
    const Moment moment{world_.business().now(), world_.now()};
    if (fold.parked() == letter) {
      if (!again) {
        fold.drop(moment);
      } else if (const auto verdict = fold.replay(dead.offer, moment); verdict.kind() == Verdict::Kind::refused ||
                                                                        verdict.kind() == Verdict::Kind::not_yet) {
        return failed_precondition("STILL_FAILS", verdict.reason());
      }
    }
    Commit commit(registry, kLanes);
    if (fold.touched()) commit.folds.push_back(&fold);
    store(service).write_now(commit);
  } else if (again) {
    return failed_precondition("NOT_REPLAYABLE", "There is nothing in it that could be applied.");
  }
  store(service).dead_letters.erase(letter);
  return {};
}

std::vector<Event> InMemory::outbox(const std::string& service) {
  std::vector<Event> all;
  for (const auto& [id, row] : store(service).chains)
    for (const auto& [seq, event] : row.outbox) {
      const auto& chain = row.chain;
      all.push_back({service, chain.topic, chain.partition, chain.epoch, seq,
                     event_id(service, chain.epoch, chain.topic, chain.partition, seq), event.key, event.type,
                     event.causation, event.body, event.time, -1});
    }
  return all;
}

std::vector<Event> InMemory::held(const std::string& topic) {
  std::vector<Event> all;
  for (int lane = 0; lane < kLanes; ++lane)
    for (const auto& message : world_.log().at({topic, lane}).messages) all.push_back(event_of(topic, lane, message));
  return all;
}

std::unique_ptr<Installation> in_memory() { return std::make_unique<InMemory>(); }

}  // namespace loomline::eventing::conformance
