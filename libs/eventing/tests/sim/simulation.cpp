// What happens: moves, calls and their answers.
#include "tests/sim/simulation.hpp"

#include <algorithm>

namespace loomline::eventing::sim {

Simulation::Simulation(std::uint64_t seed, Plan plan, std::vector<Service> services)
    : seed_(seed),
      plan_(plan),
      dice_(seed),
      world_(std::move(services)),
      outsiders_(dice_.chance(50) || !plan.broker_loses) {
  world_.commit_fate = [this] {
    if (quiet_ || plan_.faults == 0 || !dice_.chance(4)) return CommitFate::written;
    const auto fate = static_cast<CommitFate>(1 + dice_.below(5));
    tell("a commit ends otherwise: " + std::to_string(static_cast<int>(fate)));
    return fate;
  };
  world_.send_fate = [this] {
    SendFate fate;
    if (quiet_ || plan_.faults == 0 || !dice_.chance(5)) return fate;
    switch (dice_.below(10)) {
      case 0: fate.fatal = true; break;
      case 1: fate.lost = true; break;
      case 2: fate.unsure = true; break;
      case 3: case 4: fate.refused = true; break;
      default: fate.duplicate = true; break;
    }
    tell("a message ends otherwise");
    return fate;
  };
  for (const auto& [name, service] : world_.services()) {
    world_.start(name);
    if (dice_.chance(50)) world_.start(name);
    world_.rebalance(name);
  }
}

void Simulation::tell(std::string what) { history_.push_back(std::to_string(move_) + ": " + std::move(what)); }

void Simulation::broken(const std::string& rule) {
  if (!broken_) broken_ = rule + " (after move " + std::to_string(move_) + " of seed " + std::to_string(seed_) + ")";
}

std::vector<std::string> Simulation::holds() {
  std::vector<std::string> lines;
  for (const auto& [place, partition] : world_.log().all())
    for (const auto& message : partition.messages) {
      const auto id = message.headers.find("ce_id");
      const auto type = message.headers.find("ce_type");
      lines.push_back(place.first + "/" + std::to_string(place.second) + " at " + std::to_string(message.offset) +
                      ": " + message.key + " " + (id == message.headers.end() ? "foreign" : id->second) +
                      (type == message.headers.end() ? "" : " " + type->second));
    }
  for (const auto& [name, service] : world_.services()) {
    for (const auto& [id, row] : service->store->chains)
      if (row.next_seq > 1)
        lines.push_back(name + " chain " + row.chain.topic + "/" + std::to_string(row.chain.partition) +
                        ": committed " + std::to_string(row.next_seq - 1) + ", published " +
                        std::to_string(row.published) + ", ends at " + std::to_string(row.end));
    for (const auto& [id, row] : service->store->rows)
      for (const auto& waiting : row.waiting)
        lines.push_back(name + " " + id.kind + " " + id.key + " waits: " + waiting.offer.id + ", " + waiting.reason);
  }
  return lines;
}

std::optional<std::string> Simulation::run() {
  for (move_ = 1; move_ <= plan_.moves && !broken_; ++move_) {
    move();
    hear_answers();
    check();
  }
  if (broken_) return broken_;
  end_faults();
  end();
  return broken_;
}

// Services in the order of their names; one thing happens.
void Simulation::move(bool may_ask) {
  world_.pass(std::chrono::microseconds(dice_.below(40'000)));
  auto service = world_.services().begin();
  std::advance(service, static_cast<std::ptrdiff_t>(dice_.below(world_.services().size())));
  auto& replicas = service->second->replicas;
  if (plan_.faults > 0 && !quiet_ && dice_.chance(3)) return disturb();
  if (dice_.chance(plan_.asks) && may_ask) return repeat_or_ask();
  if (dice_.chance(2)) return world_.business().advance(world_.business().now() + clock_step());
  if (replicas.empty()) return;
  auto& replica = *replicas[dice_.below(replicas.size())];
  switch (dice_.below(8)) {
    case 0: case 1: case 2:
      replica.work();
      break;
    case 3: case 4:
      replica.publish();
      break;
    case 5: case 6:
      replica.carry(1 + dice_.below(6));
      break;
    default:
      if (dice_.chance(50)) replica.look_for_gaps();
      else replica.check_topics();
  }
}

// A call: a new one, or one that is not answered yet, again.
void Simulation::repeat_or_ask() {
  std::vector<Call*> open;
  for (auto& call : calls_)
    if (call.open() && call.job == nullptr) open.push_back(&call);
  if (!open.empty() && dice_.chance(60)) return send(*open[dice_.below(open.size())]);
  ask();
}

Simulation::Call& Simulation::issue(std::string service, std::string method, const Message& request,
                                    const Message& response, std::string key) {
  auto& call = calls_.emplace_back();
  call.service = std::move(service);
  call.method = std::move(method);
  call.key = key.empty() ? "call-" + std::to_string(calls_.size() - 1) : std::move(key);
  std::shared_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  call.request = std::move(copy);
  call.response.reset(response.New());
  tell(call.key + " asks " + call.method);
  send(call);
  return call;
}

void Simulation::send(Call& call) {
  auto& replicas = world_.at(call.service).replicas;
  if (replicas.empty()) return;
  Executor::Options options;
  options.tenant = "main";
  options.caller.id = "client";
  options.idempotency_key = call.key;
  auto& replica = *replicas[dice_.below(replicas.size())];
  auto job = replica.submit(call.method, *call.request, *call.response, options);
  if (!job.ok()) {
    call.last = job.status().to_string();
    call.refused = !call.acknowledged && is_refusal(job.status());
    return;
  }
  call.job = *job;
  call.cause = call.job->cause.id;
  call.done = call.job->done.get_future();
}

Status Simulation::call_and_wait(std::string service, std::string method, const Message& request, Message& response,
                                 std::string key) {
  constexpr int kPatience = 300;
  Call call;
  call.service = std::move(service);
  call.method = std::move(method);
  call.key = std::move(key);
  std::shared_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  call.request = std::move(copy);
  call.response.reset(response.New());
  send(call);
  if (call.job == nullptr) return unavailable("NOT_TAKEN", "Nobody takes the call: " + call.last);
  for (int i = 0; i < kPatience && !broken_; ++i) {
    if (call.done.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
      const auto status = call.done.get();
      if (status.ok()) response.CopyFrom(*call.job->response);
      return status;
    }
    ++move_;
    if (quiet_) world_.settle(6);
    else move(false);
    hear_answers();
    check();
  }
  return unavailable("NO_ANSWER", "No answer came.");
}

int Simulation::said(const Call& call, const std::string& type) const {
  const auto effects = effects_.find(call.cause);
  if (effects == effects_.end()) return 0;
  const auto times = effects->second.said.find(type);
  return times == effects->second.said.end() ? 0 : times->second;
}

void Simulation::hear_answers() {
  for (auto& call : calls_)
    if (call.job != nullptr && call.job.use_count() == 1 &&
        call.done.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
      broken(call.key + " is forgotten: nobody will ever answer it");
  for (std::size_t i = 0; i < calls_.size(); ++i) {  // an answer may lead to the next call
    auto& call = calls_[i];
    if (call.job == nullptr || call.done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) continue;
    const auto status = call.done.get();
    answered(call, status);
    call.job = nullptr;
    // Some callers ask again although they were answered: their answer was lost on the way.
    if (call.acknowledged && dice_.chance(10)) send(call);
  }
}

void Simulation::answered(Call& call, const Status& status) {
  call.last = status.to_string();
  tell(call.key + " is told " + (status.ok() ? "ok" : call.last));
  if (!status.ok()) {
    if (call.acknowledged && status.code() != Code::unavailable && status.code() != Code::unknown)
      broken(call.key + " was acknowledged, and answered by " + status.to_string() + " when it was asked again");
    call.refused = !call.acknowledged && is_refusal(status);
    return;
  }
  std::shared_ptr<Message> said(call.response->New());
  said->CopyFrom(*call.job->response);  // the job is not ours alone
  if (call.refused) broken(call.key + " was refused, and then acknowledged");
  if (call.acknowledged && said->SerializeAsString() != call.response->SerializeAsString())
    broken(call.key + " was answered {" + call.response->ShortDebugString() + "} and then {" +
           said->ShortDebugString() + "}");
  call.response = std::move(said);
  if (std::exchange(call.acknowledged, true)) return;
  acknowledged(call);
}

void Simulation::ask_until_answered() {
  for (int i = 0; i < 200 && !broken_; ++i) {
    bool open = false;
    for (auto& call : calls_)
      if (call.open()) {
        open = true;
        if (call.job == nullptr) send(call);
      }
    if (!open) return;
    world_.settle(20);
    hear_answers();
    check();
  }
  for (const auto& call : calls_)
    if (call.open()) return broken(call.key + " (" + call.method + ") is never answered: " + call.last);
}

void Simulation::end_faults() {
  quiet_ = true;
  tell("no more faults");
  world_.log().down = false;
  for (const auto& [name, service] : world_.services()) {
    service->store->down = false;
    if (service->replicas.empty()) world_.start(name);
    world_.rebalance(name);
  }
  world_.pass(std::chrono::seconds(30));
}

}  // namespace loomline::eventing::sim
