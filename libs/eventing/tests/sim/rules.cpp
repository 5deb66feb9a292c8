// What must hold, after every move and in the end.
#include <algorithm>

#include "loomline/base/hash.hpp"
#include "src/broker/envelope.hpp"
#include "tests/sim/simulation.hpp"

namespace loomline::eventing::sim {
namespace {

std::string list_of(const google::protobuf::RepeatedPtrField<std::string>& tags) {
  std::string text;
  for (const auto& tag : tags) text += (text.empty() ? "" : ", ") + tag;
  return text;
}

std::int64_t count_of(const google::protobuf::RepeatedPtrField<std::string>& tags, const std::string& tag) {
  return std::count(tags.begin(), tags.end(), tag);
}

}  // namespace

template <class State>
State Simulation::state(const std::string& service, const std::string& kind, const std::string& key) {
  State out;
  const auto& rows = world_.at(service).store->rows;
  if (const auto found = rows.find({"main", kind, key}); found != rows.end() && found->second.state)
    out.ParseFromString(*found->second.state);
  return out;
}

void Simulation::check() {
  for (auto& [name, service] : world_.services()) {
    check_outboxes(*service);
    check_letters(*service);
  }
  check_log();
  if (move_ % 25 == 0) check_calls();
}

// Sequences without holes, times that rise and never stand before their cause.
void Simulation::check_outboxes(World::ServiceAt& service) {
  const auto& name = service.service.name();
  for (const auto& [id, row] : service.store->chains) {
    const auto chain = name + "/" + std::to_string(id);
    auto& seen = outbox_seen_[chain];
    for (auto at = row.outbox.upper_bound(seen); at != row.outbox.end(); ++at) {
      const auto& [seq, event] = *at;
      if (seq != seen + 1)
        broken("chain " + chain + " goes from " + std::to_string(seen) + " to " + std::to_string(seq));
      seen = seq;
      auto& last = last_times_[chain];
      if (event.time <= last) broken("an event of chain " + chain + " is not later than the one before it");
      last = event.time;
      const auto cause = event_times_.find(event.causation);
      if (cause != event_times_.end() && event.time <= cause->second)
        broken("an event of " + name + " stands before its cause " + event.causation);
      event_times_[event_id(name, row.chain.epoch, row.chain.topic, row.chain.partition, seq)] = event.time;
    }
  }
}

// What cannot be applied stops its key until an operator has decided.
void Simulation::check_letters(World::ServiceAt& service) {
  for (const auto& [letter, dead] : service.store->dead_letters) {
    if (!letters_seen_.insert(letter).second || dead.key.kind.empty()) continue;
    const auto row = service.store->rows.find(dead.key);
    if (row == service.store->rows.end() || row->second.parked != letter)
      broken(dead.offer.id + " is dead-lettered, and " + dead.key.key + " goes on without it");
  }
}

// A number is one event, whenever and however often it comes.
void Simulation::check_log() {
  for (const auto& [place, partition] : world_.log().all()) {
    auto& seen = log_seen_[place];
    for (seen = std::max(seen, partition.begin); seen < partition.end(); ++seen) {
      const auto& message = partition.messages[static_cast<std::size_t>(seen - partition.begin)];
      const auto id = message.headers.find("ce_id");
      if (id == message.headers.end()) continue;
      const auto content = message.key + " " + message.headers.at("ce_type") + " " + message.headers.at("ce_time") +
                           " " + message.body;
      const auto [known, fresh] = bodies_.emplace(id->second, content);
      if (!fresh && known->second != content) broken(id->second + " is two events");
      if (!event_times_.contains(id->second)) broken(id->second + " was published and never committed");
    }
  }
}

// What was acknowledged is there, once; what was refused is not.
void Simulation::check_calls() {
  std::map<std::string, BoxState> boxes;
  for (int i = 0; i < plan_.boxes; ++i) {
    const auto key = "box_" + std::to_string(i);
    const auto box = boxes[key] = state<BoxState>("alpha", "box", key);
    const auto alarms = std::count_if(box.tags().begin(), box.tags().end(), [](const auto& tag) {
      return asks_for(tag, "alarm") && !tag.starts_with("ring");
    });
    if (box.rings() > alarms) broken(key + " rang " + std::to_string(box.rings()) + " times for " +
                                     std::to_string(alarms) + " alarms");
  }
  for (const auto& call : calls_) {
    if (call.method != "Fill") continue;
    const auto [box, fresh] = boxes.try_emplace(call.box);
    if (fresh) box->second = state<BoxState>("alpha", "box", call.box);
    const auto times = count_of(box->second.tags(), call.tag);
    if (call.acknowledged && times == 0) broken(call.key + " was acknowledged and is lost");
    if (call.refused && times > 0) broken(call.key + " was refused and is there");
    if (times > 1) broken(call.key + " was done " + std::to_string(times) + " times");
  }
}

void Simulation::ask_until_answered() {
  for (int i = 0; i < 200 && !broken_; ++i) {
    bool open = false;
    for (auto& call : calls_)
      if (!call.acknowledged && !call.refused) {
        open = true;
        if (call.job == nullptr) send(call);
      }
    if (!open) return;
    world_.settle(20);
    hear_answers();
    check();
  }
  for (const auto& call : calls_)
    if (!call.acknowledged && !call.refused)
      return broken(call.key + " (" + call.method + ") is never answered: " + call.last);
}

// One more event in each chain: what a broker lost, and has grown over before anybody looked, is missed with the next
// number at the latest.
void Simulation::say_last_words() {
  for (int lane = 0, i = 0; lane < kPartitions; ++i) {
    const auto box = "last_" + std::to_string(i);
    if (lane_of(box, kPartitions) != lane) continue;
    ++lane;
    for (const char* method : {"Fill", "Unlock"}) {
      Call call;
      call.service = method == std::string_view("Fill") ? "alpha" : "gamma";
      call.method = method;
      call.box = box;
      call.key = std::string(method) + "-" + box;
      call.tag = call.key;
      calls_.push_back(std::move(call));
    }
  }
}

void Simulation::check_end() {
  quiet_ = true;
  tell("no more faults");
  world_.log().down = false;
  for (const auto& [name, service] : world_.services()) {
    service->store->down = false;
    if (service->replicas.empty()) world_.start(name);
    world_.rebalance(name);
  }
  world_.pass(std::chrono::seconds(30));
  for (int i = 0; i < plan_.boxes; ++i) {
    Call unlock;
    unlock.service = "gamma";
    unlock.method = "Unlock";
    unlock.box = "box_" + std::to_string(i);
    unlock.key = "unlock-" + std::to_string(i);
    calls_.push_back(std::move(unlock));
  }
  ask_until_answered();
  if (!outsiders_) say_last_words();
  ask_until_answered();
  world_.business().advance(world_.business().now() + std::chrono::hours(1));
  for (int i = 0; i < 20 && !broken_; ++i) {
    bool at_rest = false;
    for (int tries = 0; tries < 10 && !at_rest && !broken_; ++tries) {
      at_rest = world_.settle(300);
      check_calls();
    }
    if (!at_rest) return broken("it does not come to rest");
    check();
    world_.drop_letters("beta");
  }
  check();
  check_calls();
  for (int i = 0; i < plan_.boxes && !broken_; ++i) check_box("box_" + std::to_string(i));
}

// What alpha did, beta counted and alpha heard of again is the same, in one order.
void Simulation::check_box(const std::string& key) {
  const auto box = state<BoxState>("alpha", "box", key);
  const auto shadow = state<BoxState>("beta", "shadow", key);
  const auto receipt = state<BoxState>("alpha", "receipt", key);
  std::int64_t alarms = 0;
  google::protobuf::RepeatedPtrField<std::string> wanted;
  for (const auto& tag : box.tags()) {
    if (asks_for(tag, "alarm") && !tag.starts_with("ring")) ++alarms;
    if (!asks_for(tag, "poison")) *wanted.Add() = tag;
  }
  const auto& rows = world_.at("beta").store->rows;
  if (const auto row = rows.find({"main", "shadow", key}); row != rows.end() && !row->second.waiting.empty())
    broken("something waits for ever for " + key + ": " + row->second.waiting.front().offer.id + ", " +
           row->second.waiting.front().reason);
  if (box.rings() != alarms)
    broken(key + " rang " + std::to_string(box.rings()) + " times for " + std::to_string(alarms) + " alarms");
  if (list_of(shadow.tags()) != list_of(wanted))
    broken("beta counted " + key + " as [" + list_of(shadow.tags()) + "], alpha said [" + list_of(wanted) + "]");
  if (list_of(receipt.tags()) != list_of(wanted))
    broken("alpha heard of " + key + " [" + list_of(receipt.tags()) + "], beta counted [" + list_of(wanted) + "]");
  std::int64_t things = 0;
  const auto& gamma = world_.at("gamma").store->rows;
  if (const auto chest = gamma.find({"main", "chest", key}); chest != gamma.end())
    for (const auto& [name, part] : chest->second.parts) things += part.body ? 1 : 0;
  if (state<ChestState>("gamma", "chest", key).things() != things)
    broken("chest " + key + " counts things that are not there");
}

}  // namespace loomline::eventing::sim
