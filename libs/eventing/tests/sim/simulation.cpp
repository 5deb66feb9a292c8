// What happens: moves, calls, disturbances.
#include "tests/sim/simulation.hpp"

#include <algorithm>

namespace loomline::eventing::sim {

std::uint64_t Dice::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::string replay_line(std::uint64_t seed) {
  return "replay with: LOOMLINE_SEED=" + std::to_string(seed) +
         " .build/release/libs/eventing/eventing_simulation_test --gtest_filter='*FromASeed*'";
}

Simulation::Simulation(std::uint64_t seed, Plan plan)
    : seed_(seed), plan_(plan), dice_(seed), outsiders_(dice_.chance(50)) {
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
      lines.push_back(place.first + "/" + std::to_string(place.second) + " at " + std::to_string(message.offset) +
                      ": " + message.key + " " + (id == message.headers.end() ? "foreign" : id->second));
    }
  for (const auto& [name, service] : world_.services()) {
    for (const auto& [id, row] : service->store->chains)
      if (row.next_seq > 1)
        lines.push_back(name + " chain " + row.chain.topic + "/" + std::to_string(row.chain.partition) +
                        ": committed " + std::to_string(row.next_seq - 1) + ", published " + std::to_string(row.published) +
                        ", ends at " + std::to_string(row.end));
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
  if (!broken_) check_end();
  return broken_;
}

// Services in the order of their names; one thing happens.
void Simulation::move() {
  world_.pass(std::chrono::microseconds(dice_.below(40'000)));
  auto service = world_.services().begin();
  std::advance(service, static_cast<std::ptrdiff_t>(dice_.below(world_.services().size())));
  auto& replicas = service->second->replicas;
  if (plan_.faults > 0 && dice_.chance(3)) return disturb();
  if (dice_.chance(25)) return ask();
  if (dice_.chance(2)) return world_.business().advance(world_.business().now() + std::chrono::seconds(40));
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
void Simulation::ask() {
  std::vector<Call*> open;
  for (auto& call : calls_)
    if (!call.acknowledged && !call.refused && call.job == nullptr) open.push_back(&call);
  if (!open.empty() && dice_.chance(60)) return send(*open[dice_.below(open.size())]);
  Call call;
  call.box = "box_" + std::to_string(dice_.below(static_cast<std::size_t>(plan_.boxes)));
  call.key = "call-" + std::to_string(calls_.size());
  call.tag = call.key;
  switch (dice_.below(12)) {
    case 0:
      call.service = "gamma";
      call.method = "Unlock";
      break;
    case 1: case 2: case 3:
      call.service = "gamma";
      call.method = "Put";
      call.tag = "thing_" + std::to_string(dice_.below(6));
      call.amount = static_cast<std::int64_t>(dice_.below(4)) * 5 + (dice_.chance(10) ? 13 : 0);
      break;
    default:
      call.service = "alpha";
      call.method = "Fill";
      call.amount = static_cast<std::int64_t>(dice_.below(9));
      if (dice_.chance(4)) call.amount = -1;
      if (dice_.chance(8)) call.tag += "-lock";
      if (dice_.chance(3)) call.tag += "-poison";
      if (dice_.chance(8)) call.tag += "-alarm";
  }
  calls_.push_back(std::move(call));
  send(calls_.back());
}

void Simulation::send(Call& call) {
  auto& replicas = world_.at(call.service).replicas;
  if (replicas.empty()) return;
  Executor::Options options;
  options.tenant = "main";
  options.caller.id = "client";
  options.idempotency_key = call.key;
  auto& replica = *replicas[dice_.below(replicas.size())];
  auto job = call.method == "Put"
                 ? replica.submit("Put", boxes::put(call.box, call.tag, call.amount), PutThingResponse(), options)
                 : [&] {
                     FillRequest request;
                     request.set_box_id(call.box);
                     request.set_amount(call.amount);
                     request.set_tag(call.tag);
                     return replica.submit(call.method, request, FillResponse(), options);
                   }();
  if (!job.ok()) {
    call.last = job.status().to_string();
    return;
  }
  call.job = *job;
  call.done = call.job->done.get_future();
}

void Simulation::hear_answers() {
  for (auto& call : calls_)
    if (call.job != nullptr && call.job.use_count() == 1 &&
        call.done.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
      broken(call.key + " is forgotten: nobody will ever answer it");
  for (auto& call : calls_) {
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
  if (!status.ok()) {
    if (call.acknowledged && status.code() != Code::unavailable && status.code() != Code::unknown)
      broken(call.key + " was acknowledged, and answered by " + status.to_string() + " when it was asked again");
    call.refused = !call.acknowledged && (status.code() == Code::invalid_argument || status.reason() == "UNLUCKY");
    return;
  }
  const auto* filled = dynamic_cast<const FillResponse*>(call.job->response.get());
  const auto answer = filled != nullptr ? filled->total()
                                        : dynamic_cast<const PutThingResponse&>(*call.job->response).weight();
  if (call.refused) broken(call.key + " was refused, and then acknowledged");
  if (call.acknowledged && answer != call.answer)
    broken(call.key + " was answered " + std::to_string(call.answer) + " and then " + std::to_string(answer));
  call.acknowledged = true;
  call.answer = answer;
}

void Simulation::disturb() {
  auto service = world_.services().begin();
  std::advance(service, static_cast<std::ptrdiff_t>(dice_.below(world_.services().size())));
  const auto& name = service->first;
  auto& replicas = service->second->replicas;
  auto& log = world_.log();
  const auto some_place = [&] {
    auto at = log.all().begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(log.all().size())));
    return at->first;
  };
  switch (dice_.below(12)) {
    case 0:
      if (replicas.empty()) break;
      tell("a replica of " + name + " is killed");
      return world_.kill(name, dice_.below(replicas.size()));
    case 1: case 2:
      if (replicas.size() > 1) break;
      tell("a replica of " + name + " starts");
      try {
        return world_.start(name);
      } catch (const std::exception&) {
        return;  // neither broker nor database need be there
      }
    case 3:
      tell("the group of " + name + " is balanced anew");
      if (!service->second->store->down) world_.rebalance(name);
      return;
    case 4:
      if (replicas.empty() || service->second->store->down) break;
      tell("one replica of " + name + " hears of its partitions before the others");
      return world_.assign(name, dice_.below(replicas.size()));
    case 5:
      log.down = !log.down;
      return tell(log.down ? "the broker stops" : "the broker is back");
    case 6:
      service->second->store->down = !service->second->store->down;
      return tell("the database of " + name + (service->second->store->down ? " stops" : " is back"));
    case 7:
      if (log.all().empty() || outsiders_) break;
      tell("the broker loses the end of a partition");
      {
        const auto place = some_place();
        log.lose_tail(place, 1 + dice_.below(4));
        log_seen_[place] = std::min(log_seen_[place], log.at(place).end());
      }
      return;
    case 8: case 9: {
      if (log.all().empty() || !outsiders_) break;
      const auto place = some_place();
      const auto& messages = log.at(place).messages;
      if (messages.empty()) break;
      tell("an old message comes again");
      log.append(place, Received(messages[dice_.below(messages.size())]));
      return;
    }
    case 10: {
      if (log.all().empty() || !outsiders_) break;
      tell("foreign bytes");
      Received foreign;
      foreign.key = "box_0";
      foreign.body = "not a message";
      log.append(some_place(), foreign);
      return;
    }
    default:
      tell("the clock goes back");
      return world_.set_back(std::chrono::milliseconds(dice_.below(5'000)));
  }
}

}  // namespace loomline::eventing::sim
