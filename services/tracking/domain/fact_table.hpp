// The one table of facts that need a function: what of the event is kept, and what it does to the fold. All others show
// as their contract declares it (tracking/v1/shown.proto).
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "domain/folding.hpp"
#include "loomline/tracking/v1/shown.pb.h"

namespace loomline::tracking::domain {

struct FactType {
  std::function<void(Message&)> strip;  // takes away what no journey shows; may be empty
  std::function<void(Folding&, const Message&)> apply;
};

class FactTable {
 public:
  template <class Event>
  void add(void (*apply)(Folding&, const Event&), void (*strip)(Event&) = nullptr) {
    FactType type{
        {}, [apply](Folding& folding, const Message& event) { apply(folding, static_cast<const Event&>(event)); }};
    if (strip) type.strip = [strip](Message& event) { strip(static_cast<Event&>(event)); };
    if (Event::descriptor()->options().HasExtension(v1::shown))
      throw std::logic_error(Event::descriptor()->full_name() + " declares how it shows, and has a function, too");
    types_.emplace(short_name(Event::descriptor()->full_name()), std::move(type));
  }
  // Null where unknown.
  const FactType* find(std::string_view type) const {
    const auto found = types_.find(type);
    return found == types_.end() ? nullptr : &found->second;
  }
  const std::map<std::string, FactType, std::less<>>& all() const { return types_; }

  // Without "loomline.".
  static std::string short_name(const std::string& full_name) { return full_name.substr(full_name.find('.') + 1); }

 private:
  std::map<std::string, FactType, std::less<>> types_;
};

const FactTable& fact_table();

// What an event without a function does, by its option (loomline.tracking.v1.shown); nothing where it has none.
void show(Folding& folding, const Message& event);

void add_intake_facts(FactTable& table);
void add_scheduling_facts(FactTable& table);
void add_shipping_facts(FactTable& table);
void add_quality_facts(FactTable& table);
void add_aftersales_facts(FactTable& table);

}  // namespace loomline::tracking::domain
