#include "tests/conformance/rules.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace loomline::eventing::conformance {
namespace {

using Told = std::vector<std::string>;
using ChainName = std::tuple<std::string, int, std::int64_t>;  // topic, partition, epoch
using Events = std::map<std::string, Event>;                   // by id

std::string listed(const std::vector<std::string>& tags) {
  std::string text;
  for (const auto& tag : tags) text += (text.empty() ? "" : ", ") + tag;
  return "[" + text + "]";
}

// Numbers from 1 to the head, each once; times that rise. Answers what was committed.
Events check_outbox(Installation& at, const std::string& service, Told& told) {
  Events committed;
  std::map<ChainName, std::vector<Event>> by_chain;
  for (auto& event : at.outbox(service)) {
    by_chain[{event.topic, event.partition, event.epoch}].push_back(event);
    if (!committed.emplace(event.id, event).second) told.push_back(event.id + " was committed twice");
  }
  for (const auto& chain : at.chains(service)) {
    const auto name = chain.topic + "/" + std::to_string(chain.partition) + " of " + service;
    auto& events = by_chain[{chain.topic, chain.partition, chain.epoch}];
    std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.seq < b.seq; });
    if (chain.published != chain.head) told.push_back(name + " is not published to its end");
    if (static_cast<std::int64_t>(events.size()) != chain.head) told.push_back(name + " has a hole");
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].seq != static_cast<std::int64_t>(i) + 1) told.push_back(events[i].id + " follows a hole");
      if (i > 0 && events[i].time <= events[i - 1].time)
        told.push_back(events[i].id + " is not later than the one before");
    }
  }
  return committed;
}

void check_causes(const Events& committed, Told& told) {
  for (const auto& [id, event] : committed) {
    const auto cause = committed.find(event.cause);
    if (cause != committed.end() && event.time <= cause->second.time) told.push_back(id + " stands before its cause");
  }
}

bool same(const Event& one, const Event& other) {
  return one.key == other.key && one.type == other.type && one.body == other.body && one.time == other.time &&
         one.cause == other.cause && one.topic == other.topic && one.partition == other.partition;
}

// A number is one event, whenever and however often it comes; and what was committed is there.
void check_broker(Installation& at, const Events& committed, Told& told) {
  std::set<std::string> held;
  for (const char* topic : {"t.box", "t.count", "t.lock"})
    for (const auto& event : at.held(topic)) {
      if (event.source.empty()) continue;
      held.insert(event.id);
      const auto known = committed.find(event.id);
      if (known == committed.end()) told.push_back(event.id + " was published and never committed");
      else if (!same(event, known->second)) told.push_back(event.id + " is two events");
    }
  for (const auto& [id, event] : committed)
    if (!held.contains(id) && at.begin_offset(event.topic, event.partition) == 0)
      told.push_back(id + " was committed and is not with the broker");
}

// What was acknowledged is there, once; what was refused is not; what was counted is what was said, in its order.
void check_box(Installation& at, const Record& record, const std::string& box, Told& told) {
  const auto said = tags_of(box_state(at, "alpha", "box", box));
  for (const auto& client : record.clients) {
    if (client.call.box != box || client.call.method != "Fill") continue;
    const auto times = std::count(said.begin(), said.end(), client.call.tag);
    if (client.acknowledged && times != 1)
      told.push_back(client.call.key + " was acknowledged and done " + std::to_string(times) + " times");
    if (client.refused && times != 0) told.push_back(client.call.key + " was refused and is there");
  }
  std::vector<std::string> wanted;
  for (const auto& tag : said)
    if (!record.dropped.contains(tag)) wanted.push_back(tag);
  const auto counted = tags_of(box_state(at, "beta", "shadow", box));
  const auto heard = tags_of(box_state(at, "alpha", "receipt", box));
  if (counted != wanted) told.push_back("beta counted " + box + " as " + listed(counted) + ", said " + listed(wanted));
  if (heard != wanted) told.push_back("alpha heard of " + box + " " + listed(heard) + ", counted " + listed(wanted));
}

}  // namespace

BoxState box_state(Installation& at, const std::string& service, const std::string& kind, const std::string& key) {
  BoxState state;
  if (const auto bytes = at.state(service, kind, key)) state.ParseFromString(*bytes);
  return state;
}

std::vector<std::string> tags_of(const BoxState& state) { return {state.tags().begin(), state.tags().end()}; }

std::vector<std::string> broken_rules(Installation& at, const Record& record) {
  Told told;
  Events committed;
  for (const auto& service : kServices) {
    committed.merge(check_outbox(at, service, told));
    for (const auto& letter : at.letters(service))
      told.push_back(service + " parks " + letter.key + ": " + letter.reason);
    if (const auto waiting = at.waiting(service); waiting > 0)
      told.push_back(std::to_string(waiting) + " events wait for ever in " + service);
  }
  check_causes(committed, told);
  check_broker(at, committed, told);
  std::set<std::string> boxes;
  for (const auto& client : record.clients) {
    if (!client.acknowledged && !client.refused)
      told.push_back(client.call.key + " is never answered; told last: " + client.last);
    if (client.call.method == "Fill") boxes.insert(client.call.box);
  }
  for (const auto& box : boxes) check_box(at, record, box, told);
  return told;
}

}  // namespace loomline::eventing::conformance
