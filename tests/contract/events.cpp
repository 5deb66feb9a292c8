// Who says what and who hears it: from the topics, and from what the services register.
#include <algorithm>
#include <map>
#include <set>

#include "documents.hpp"
#include "services.hpp"

namespace loomline::contract {
namespace {

// Event, full name -> service -> kinds of aggregate that hear it.
using Hearers = std::map<std::string, std::map<std::string, std::set<std::string>>>;

Hearers hearers(const std::vector<eventing::Service>& services) {
  Hearers out;
  for (const auto& service : services)
    for (const auto& [kind, aggregate] : service.aggregates())
      for (const auto& [event, handler] : aggregate->events) out[event][service.name()].insert(kind);
  return out;
}

std::string short_name(const std::string& full_name) { return full_name.substr(full_name.rfind('.') + 1); }

std::string event_link(const std::string& full_name) {
  std::string anchor;
  for (const char c : full_name)
    if (c != '.') anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return "[" + short_name(full_name) + "](api/grpc.md#" + anchor + ")";
}
// What the kernel says itself is every service's.
std::string service_link(const std::string& name) {
  return name == "kernel" ? "the [kernel](../libs/eventing)" : "[" + name + "](../services/" + name + ")";
}
std::string list(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string heard_by(const Hearers& hearers, const std::string& event) {
  const auto found = hearers.find(event);
  if (found == hearers.end()) return "nobody";
  std::vector<std::string> parts;
  for (const auto& [service, kinds] : found->second)
    for (const auto& kind : kinds) parts.push_back(service + " `" + kind + "`");
  return list(parts);
}

std::string topic_text(const common::v1::Topic& topic, const Linked& linked, const Hearers& hearers) {
  std::string out = "\n### " + topic.name() + "\n\n" + topic.doc() + " Said by " + service_link(topic.owner()) +
                    ", keyed by `" + topic.key_field() + "`" +
                    (topic.internal() ? "; internal, no contract for others" : "") +
                    ".\n\n| event | what it says | heard by |\n|---|---|---|\n";
  for (const auto& event : topic.event()) {
    const auto* message = linked.message(event);
    out += "| " + event_link(event) + " | " + (message ? comment(*message) : "") + " | " + heard_by(hearers, event) +
           " |\n";
  }
  return out;
}

// What a service hears, by who says it.
std::string heard_text(const std::string& service, const common::v1::TopicCatalog& topics, const Hearers& hearers) {
  std::map<std::string, std::vector<std::string>> by_owner;
  for (const auto& topic : topics.topic())
    for (const auto& event : topic.event())
      if (const auto found = hearers.find(event); found != hearers.end() && found->second.count(service))
        by_owner[topic.owner()].push_back(event_link(event));
  std::string out;
  for (const auto& [owner, events] : by_owner) out += "- from " + service_link(owner) + ": " + list(events) + "\n";
  return out.empty() ? "- nothing\n" : out;
}

std::string said_text(const std::string& service, const common::v1::TopicCatalog& topics) {
  std::string out;
  for (const auto& topic : topics.topic()) {
    if (topic.owner() != service) continue;
    std::vector<std::string> events;
    for (const auto& event : topic.event()) events.push_back(event_link(event));
    out += "- on `" + topic.name() + "`: " + list(events) + "\n";
  }
  return out.empty() ? "- nothing\n" : out;
}

}  // namespace

std::string events(const Contracts& contracts) {
  const Linked linked(contracts);
  const auto services = all_services();
  const auto heard = hearers(services);
  std::string out =
      "# Events: who says what, and who hears it\n\nAn event names its topic by an option in its own `.proto`; who "
      "hears "
      "it is what the services register. Generated from both; do not edit. [The flow of an order](flow.md) tells the "
      "story, [add a stage](guides/add-a-stage.md) how a new one comes here.\n\n## By service\n";
  for (const auto& service : services)
    out += "\n### " + service.name() + "\n\nHears\n\n" + heard_text(service.name(), contracts.topics, heard) +
           "\nSays\n\n" + said_text(service.name(), contracts.topics);
  out += "\n## By topic\n";
  for (const auto& topic : contracts.topics.topic()) out += topic_text(topic, linked, heard);
  return out;
}

}  // namespace loomline::contract
