#include "src/decide/registry.hpp"

#include <set>
#include <stdexcept>

namespace loomline::eventing {

Registry::Registry(const Service& service, const Catalog& catalog) : service_(service.name()), catalog_(&catalog) {
  std::set<std::string> topics;
  for (const auto& [kind, def] : service.aggregates()) {
    kinds_.emplace(kind, def.get());
    for (const auto& [type, handler] : def->events) {
      const auto* topic = catalog.topic_of(type);
      if (topic == nullptr) throw std::logic_error(kind + " hears " + type + ", which no topic declares");
      if (topic->key_type() != def->key_type) {
        throw std::logic_error(kind + " is keyed by " + def->key_type + " but hears " + type + " of topic " +
                               topic->name() + ", keyed by " + topic->key_type() +
                               "; re-key it over an internal topic");
      }
      topics.insert(topic->name());
      hearers_[type].push_back({def.get(), &handler});
    }
    for (const auto& [name, handler] : def->timers) timers_.push_back(kind + "/" + name);
    for (const auto& [method, handler] : def->commands) {
      if (!commands_.emplace(method, CommandRef{def.get(), &handler}).second) {
        throw std::logic_error("command " + method + " is registered by two kinds");
      }
    }
  }
  topics_.assign(topics.begin(), topics.end());
}

namespace {
template <class Map>
auto find(const Map& map, std::string_view key) -> decltype(&map.begin()->second) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}
}  // namespace

const std::vector<Hearer>* Registry::hearers(std::string_view type) const { return find(hearers_, type); }
const CommandRef* Registry::command(std::string_view method) const { return find(commands_, method); }
const AggregateDef* Registry::kind(std::string_view name) const {
  const auto* found = find(kinds_, name);
  return found == nullptr ? nullptr : *found;
}

}  // namespace loomline::eventing
