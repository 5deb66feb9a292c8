// What must hold of boxes and chests.
#include <algorithm>

#include "tests/sim/box_simulation.hpp"

namespace loomline::eventing::sim {
namespace {

using Tags = google::protobuf::RepeatedPtrField<std::string>;

std::string list_of(const Tags& tags) {
  std::string text;
  for (const auto& tag : tags) text += (text.empty() ? "" : ", ") + tag;
  return text;
}

bool is_alarm(const std::string& tag) { return asks_for(tag, "alarm") && !tag.starts_with("ring"); }

}  // namespace

template <class State>
State BoxSimulation::state(const std::string& service, const std::string& kind, const std::string& key) {
  State out;
  const auto& rows = world().at(service).store->rows;
  if (const auto found = rows.find({"main", kind, key}); found != rows.end() && found->second.state)
    out.ParseFromString(*found->second.state);
  return out;
}

void BoxSimulation::check_rings(const std::string& key, const BoxState& box) {
  const auto alarms = std::count_if(box.tags().begin(), box.tags().end(), is_alarm);
  if (box.rings() > alarms)
    broken(key + " rang " + std::to_string(box.rings()) + " times for " + std::to_string(alarms) + " alarms");
}

// What was acknowledged is there, once; what was refused is not.
void BoxSimulation::check_services() {
  std::map<std::string, BoxState> boxes;
  for (const auto& call : calls()) {
    if (call.method != "Fill") continue;
    const auto& request = static_cast<const FillRequest&>(*call.request);
    const auto [box, fresh] = boxes.try_emplace(request.box_id());
    if (fresh) {
      box->second = state<BoxState>("alpha", "box", request.box_id());
      check_rings(box->first, box->second);
    }
    const auto& tags = box->second.tags();
    const auto times = std::count(tags.begin(), tags.end(), request.tag());
    if (call.acknowledged && times == 0) broken(call.key + " was acknowledged and is lost");
    if (call.refused && times > 0) broken(call.key + " was refused and is there");
    if (times > 1) broken(call.key + " was done " + std::to_string(times) + " times");
  }
}

// What alpha did, beta counted and alpha heard of again is the same, in one order.
void BoxSimulation::check_box(const std::string& key) {
  const auto box = state<BoxState>("alpha", "box", key);
  const auto shadow = state<BoxState>("beta", "shadow", key);
  const auto receipt = state<BoxState>("alpha", "receipt", key);
  Tags wanted;
  for (const auto& tag : box.tags())
    if (!asks_for(tag, "poison")) *wanted.Add() = tag;
  const auto& rows = world().at("beta").store->rows;
  if (const auto row = rows.find({"main", "shadow", key}); row != rows.end() && !row->second.waiting.empty())
    broken("something waits for ever for " + key + ": " + row->second.waiting.front().offer.id + ", " +
           row->second.waiting.front().reason);
  const auto alarms = std::count_if(box.tags().begin(), box.tags().end(), is_alarm);
  if (box.rings() != alarms)
    broken(key + " rang " + std::to_string(box.rings()) + " times for " + std::to_string(alarms) + " alarms");
  if (list_of(shadow.tags()) != list_of(wanted))
    broken("beta counted " + key + " as [" + list_of(shadow.tags()) + "], alpha said [" + list_of(wanted) + "]");
  if (list_of(receipt.tags()) != list_of(wanted))
    broken("alpha heard of " + key + " [" + list_of(receipt.tags()) + "], beta counted [" + list_of(wanted) + "]");
  std::int64_t things = 0;
  const auto& gamma = world().at("gamma").store->rows;
  if (const auto chest = gamma.find({"main", "chest", key}); chest != gamma.end())
    for (const auto& [name, part] : chest->second.parts) things += part.body ? 1 : 0;
  if (state<ChestState>("gamma", "chest", key).things() != things)
    broken("chest " + key + " counts things that are not there");
}

}  // namespace loomline::eventing::sim
