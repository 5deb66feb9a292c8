// Which work orders a step changed, so that a MES can ask for what is new instead of for everything.
#pragma once

#include <set>
#include <string>

#include "domain/parts.hpp"

namespace loomline::scheduling::domain {

// Work orders are compared by what is stored of them, before and after: nothing that changes one need know of this.
class Changes {
 public:
  explicit Changes(const PlantState& state);
  // Stamps what was changed or forgotten since.
  void stamp(PlantState& state) const;

 private:
  std::set<std::string, std::less<>> before_;
};

// A handler of the plant, with the stamping around it.
template <class Message, class Answer>
auto stamped(Answer (*handler)(PlantState&, const Message&, Step&)) {
  return [handler](PlantState& state, const Message& message, Step& step) {
    const Changes changes(state);
    auto answer = handler(state, message, step);
    changes.stamp(state);
    return answer;
  };
}

}  // namespace loomline::scheduling::domain
