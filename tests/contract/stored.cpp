#include "stored.hpp"

namespace loomline::contract {
namespace {

bool is_a(const std::string& key, std::string_view what) { return key.starts_with(what); }
std::string rest_of(const std::string& key) { return key.substr(key.find(' ') + 1); }

void add_service(const eventing::Service& service, Snapshot& out) {
  for (const auto& [kind, aggregate] : service.aggregates()) {
    const auto name = service.name() + "/" + kind;
    out["kind " + name] = {{"key", aggregate->key_type}, {"type", aggregate->prototype->GetDescriptor()->full_name()}};
    for (const auto& collection : aggregate->collections)
      out["part " + name + "/" + collection.name] = {{"type", collection.prototype->GetDescriptor()->full_name()}};
    for (const auto& [timer, handler] : aggregate->timers)
      out["timer " + name + "/" + timer] = {{"type", handler.prototype->GetDescriptor()->full_name()}};
  }
}

// What the bytes depend on.
Attributes of_the_bytes(Attributes attributes) {
  for (const char* word : {"name", "json", "oneof"}) attributes.erase(word);
  if (const auto label = attributes.find("label"); label != attributes.end() && label->second == "optional")
    label->second = "single";
  return attributes;
}

std::string removed(const std::string& key, const Snapshot& after) {
  if (is_a(key, "field "))
    return after.contains("reserved " + rest_of(key)) ? "" : "was removed, and its number is not reserved";
  if (is_a(key, "value "))
    return after.contains("reserved-value " + rest_of(key)) ? "" : "was removed, and its number is not reserved";
  if (is_a(key, "reserved")) return "is reserved no more";
  return "was removed; a store of the version before still holds it";
}

std::string added(const std::string& key, const Snapshot& before) {
  if (!is_a(key, "part ")) return "";
  const auto name = rest_of(key);
  const auto slash = name.rfind('/');
  if (name[slash + 1] == '+' || !before.contains("kind " + name.substr(0, slash))) return "";
  return "is new: the version before will not work on an aggregate that has such parts. Call it \"+" +
         name.substr(slash + 1) + "\" where they are hints, or read them in this version and write them in the next";
}

}  // namespace

Snapshot stored(const Contracts& contracts, const std::vector<eventing::Service>& services) {
  Snapshot out;
  for (const auto& file : contracts.files.file())
    if (file.package().starts_with("loomline.") && !is_public(file)) add_types(file, out);
  for (const auto& service : services) add_service(service, out);
  return out;
}

std::vector<std::string> stored_changes(const Snapshot& before, const Snapshot& after) {
  std::vector<std::string> out;
  for (const auto& [key, attributes] : before) {
    const auto now = after.find(key);
    if (now == after.end()) {
      if (const auto why = removed(key, after); !why.empty()) out.push_back(key + ": " + why);
      continue;
    }
    const auto is = of_the_bytes(now->second);
    for (const auto& [word, was] : of_the_bytes(attributes))
      if (is.at(word) != was) out.push_back(key + ": its " + word + " was '" + was + "', is '" + is.at(word) + "'");
    for (const auto& [mark, used] : {std::pair("reserved ", "field "), std::pair("reserved-value ", "value ")})
      if (is_a(key, mark) && after.contains(used + rest_of(key)))
        out.push_back(key + ": a reserved number is used again");
  }
  for (const auto& [key, attributes] : after)
    if (!before.contains(key))
      if (const auto why = added(key, before); !why.empty()) out.push_back(key + ": " + why);
  return out;
}

}  // namespace loomline::contract
