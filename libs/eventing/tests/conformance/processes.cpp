// Replicas as processes: starting, ending, asking them, and when all is at rest.
#include "tests/conformance/processes.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

#include "loomline/base/id.hpp"
#include "loomline/eventing/positions.hpp"
#include "loomline/eventing/testing.hpp"

namespace loomline::eventing::conformance {
namespace {

constexpr std::chrono::seconds kPatience{60};

Status status_of(const FromReplica& answer) {
  if (answer.code() == 0) return {};
  return Status(static_cast<Code>(answer.code()), answer.reason(), answer.message());
}

// Who hears what, by the services' registration.
const std::vector<std::pair<std::string, std::string>>& heard() {
  static const std::vector<std::pair<std::string, std::string>> all{
      {"alpha", "t.count"}, {"beta", "t.box"}, {"beta", "t.lock"}, {"beta", "t.label"}};
  return all;
}

}  // namespace

Processes::Processes(std::string postgres, std::string kafka)
    : postgres_(std::move(postgres)),
      kafka_(std::move(kafka)),
      prefix_("cf" + random_hex128().substr(0, 10) + "_"),
      client_(kafka::Config(kafka_, "conformance").set("acks", "all").producer()) {
  testing::use_catalog(boxes::kCatalog);
}

Processes::~Processes() = default;

// A replica that takes the place of one that ended has its name, as in an orchestrator.
Installation::Replica Processes::start(const std::string& service) {
  std::set<std::string> taken;
  for (const auto id : running(service)) taken.insert(replicas_.at(id).instance);
  int number = 1;
  while (taken.contains("r" + std::to_string(number))) ++number;
  auto& replica = replicas_[++last_];
  replica.service = service;
  replica.instance = "r" + std::to_string(number);
  replica.process = std::make_unique<ReplicaProcess>();
  ToReplica message;
  auto& begin = *message.mutable_begin();
  begin.set_service(service);
  begin.set_instance(replica.instance);
  begin.set_postgres(postgres_);
  begin.set_kafka(kafka_);
  begin.set_installation(prefix_);
  begin.set_partitions(kLanes);
  begin.set_cured(cured_);
  const auto status = status_of(replica.process->ask(std::move(message)));
  if (!status.ok()) throw std::runtime_error(service + " does not start: " + status.to_string());
  return last_;
}

void Processes::end(Replica replica) {
  ToReplica message;
  message.set_end(true);
  (void)replicas_.at(replica).process->ask(std::move(message));
  replicas_.erase(replica);
}

void Processes::kill(Replica replica) {
  replicas_.at(replica).process->kill();
  replicas_.erase(replica);
}

std::vector<Installation::Replica> Processes::running(const std::string& service) {
  std::vector<Replica> all;
  listen();
  for (const auto& [id, replica] : replicas_)
    if (replica.service == service) all.push_back(id);
  return all;
}

// Whoever has ended by himself is forgotten; what was said to the broker is there.
void Processes::listen() {
  if (rd_kafka_outq_len(client()) > 0) rd_kafka_flush(client(), 10'000);
  std::erase_if(replicas_, [](auto& entry) { return !entry.second.process->listen(); });
}

AskedPtr Processes::submit(Replica replica, const Call& call) {
  auto asked = std::make_shared<Asked>(Asked{call, std::nullopt});
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) {
    asked->answer = {unavailable("GONE", "The replica has ended."), 0};
    return asked;
  }
  ToReplica message;
  auto& submit = *message.mutable_submit();
  submit.set_method(call.method);
  submit.set_box(call.box);
  submit.set_tag(call.tag);
  submit.set_amount(call.amount);
  submit.set_key(call.key);
  found->second.process->tell(std::move(message), [asked](const FromReplica* said) {
    asked->answer = said == nullptr ? Answer{unavailable("GONE", "The replica has ended."), 0}
                                    : Answer{status_of(*said), said->total()};
  });
  return asked;
}

bool Processes::eventually(const std::function<bool()>& so) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  do {
    listen();
    if (so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  } while (std::chrono::steady_clock::now() < deadline);
  return so();
}

std::vector<common::v1::GetActivityResponse> Processes::activities() {
  std::vector<common::v1::GetActivityResponse> told;
  for (auto& [id, replica] : replicas_) {
    ToReplica message;
    message.set_activity(true);
    const auto answer = replica.process->ask(std::move(message), 10);
    auto& one = told.emplace_back();
    if (answer.code() == 0) one.ParseFromString(answer.activity());
  }
  return told;
}

namespace {

Position position_of(const common::v1::TopicPosition& place) { return {place.offset(), place.epoch(), place.seq()}; }

std::string words(const Position& at) {
  return std::to_string(at.offset) + " (" + std::to_string(at.seq) + " of epoch " + std::to_string(at.epoch) + ")";
}

}  // namespace

// Nobody has anything under way or unpublished, what the broker holds is consumed: seen twice.
std::string Processes::unrest() {
  if (databases_down_) return "the databases are away";
  std::string now;
  using Place = std::pair<std::string, int>;
  std::map<std::pair<std::string, Place>, Position> consumed;
  std::map<Place, Position> produced;
  for (const auto& one : activities()) {
    const auto who = one.service() + "/" + one.instance();
    if (one.service().empty()) return "a replica does not tell its activity";
    if (one.outbox_pending() > 0) return who + " has " + std::to_string(one.outbox_pending()) + " events to publish";
    if (one.commands_running() > 0) return who + " runs " + std::to_string(one.commands_running()) + " commands";
    if (one.timers_due() + one.slow_keys_size() > 0) return who + " has timers or slow handlers";
    now += who + ":" + std::to_string(one.steps_applied()) + " ";
    for (const auto& place : one.consumed())
      consumed[{one.service(), {place.topic(), place.partition()}}].at_least(position_of(place));
    for (const auto& place : one.produced()) produced[{place.topic(), place.partition()}].at_least(position_of(place));
  }
  std::vector<Place> places;
  for (const auto& [service, topic] : heard())
    for (int lane = 0; lane < kLanes; ++lane) places.emplace_back(prefix_ + topic, lane);
  const auto spans = kafka::spans(client(), places, std::chrono::seconds(5));
  for (const auto& [service, topic] : heard())
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto span = spans.find({prefix_ + topic, lane});
      if (span == spans.end()) return "the broker does not say where " + topic + " ends";
      // What a broker holds may be more than its owner knows of: foreign bytes.
      auto end = produced[{topic, lane}];
      end.offset = span->second.end;
      const auto reached = consumed[{service, {topic, lane}}];
      if (!reached.reaches(end))
        return service + " has read " + topic + "/" + std::to_string(lane) + " up to " + words(reached) +
               ", it ends at " + words(end);
    }
  return std::exchange(rested_, now) == now ? "" : "steps were taken";
}

Status Processes::decide(const std::string& service, const std::string& letter, bool again) {
  ToReplica message;
  message.mutable_decide()->set_letter(letter);
  message.mutable_decide()->set_replay(again);
  return status_of(replicas_.at(running(service).at(0)).process->ask(std::move(message)));
}

void Processes::tell(const Arm& arm) {
  for (auto& [id, replica] : replicas_) {
    ToReplica message;
    *message.mutable_arm() = arm;
    replica.process->tell(std::move(message));
  }
}

void Processes::lose_answer(Replica replica) {
  ToReplica message;
  message.mutable_arm()->set_lose_answer(true);
  replicas_.at(replica).process->tell(std::move(message));
}

void Processes::end_after_commit(Replica replica) {
  ToReplica message;
  message.mutable_arm()->set_end_after_commit(true);
  replicas_.at(replica).process->tell(std::move(message));
}

void Processes::set_clock_back(std::chrono::microseconds span) {
  Arm arm;
  arm.set_clock_back_micros(span.count());
  tell(arm);
}

void Processes::cure_handlers() {
  cured_ = true;
  Arm arm;
  arm.set_cured(true);
  tell(arm);
}

}  // namespace loomline::eventing::conformance
