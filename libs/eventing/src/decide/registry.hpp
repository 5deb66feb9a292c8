// What a service registered, checked against the topic catalogue and indexed for dispatch.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/eventing/service.hpp"
#include "src/decide/catalog.hpp"

namespace loomline::eventing {

struct Hearer {
  const AggregateDef* def;
  const EventHandler* handler;
};
struct CommandRef {
  const AggregateDef* def;
  const CommandHandler* handler;
};

class Registry {
 public:
  // std::logic_error where a heard event is not declared, or its topic's key is not the aggregate's.
  Registry(const Service& service, const Catalog& catalog);

  const std::string& service() const { return service_; }
  const Catalog& catalog() const { return *catalog_; }
  // Every kind that hears the type; null where none does.
  const std::vector<Hearer>* hearers(std::string_view type) const;
  const std::map<std::string, std::vector<Hearer>, std::less<>>& heard() const { return hearers_; }
  const CommandRef* command(std::string_view method) const;
  const AggregateDef* kind(std::string_view name) const;
  // "<kind>/<timer>" of every timer that has a handler.
  const std::vector<std::string>& timers() const { return timers_; }
  // Names of the topics to consume, sorted.
  const std::vector<std::string>& topics() const { return topics_; }
  std::vector<const Topic*> owned() const { return catalog_->owned_by(service_); }

 private:
  std::string service_;
  const Catalog* catalog_;
  std::map<std::string, const AggregateDef*, std::less<>> kinds_;
  std::map<std::string, std::vector<Hearer>, std::less<>> hearers_;
  std::map<std::string, CommandRef, std::less<>> commands_;
  std::vector<std::string> topics_;
  std::vector<std::string> timers_;
};

}  // namespace loomline::eventing
