// Around every handler of a plant: the step it works in, and what happens where one order's data is broken. All that
// the handler did is put back then, the order is parked, and the handler runs again without it.
#pragma once

#include <map>
#include <string>

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

class Attempts {
 public:
  Attempts(PlantState& state, Step& step);
  // Before the handler runs: plants of before get their parts, broken orders are parked.
  void begin(PlantStep& plant);
  // After an order broke. Throws where the order had been parked already: then it is the plant's own trouble.
  void again(const OrderBroken& broken);

 private:
  PlantState& state_;
  Step& step_;
  PlantState before_;
  eventing::PartStore parts_;
  Board board_;
  std::map<std::string, std::string> broken_;  // order, why
};

inline bool is_kept(const Verdict& verdict) { return verdict.kind() == Verdict::Kind::applied; }
template <class Response>
bool is_kept(const Result<Response>& result) {
  return result.ok();
}

// A handler of the plant as the kernel calls it.
template <class Message, class Answer>
auto handled(Answer (*handler)(PlantStep&, const Message&)) {
  return [handler](PlantState& state, const Message& message, Step& step) -> Answer {
    Attempts attempts(state, step);
    for (;;) try {
        PlantStep plant(state, step);
        attempts.begin(plant);
        auto answer = handler(plant, message);
        if (is_kept(answer)) plant.finish();
        return answer;
      } catch (const OrderBroken& broken) {
        attempts.again(broken);
      }
  };
}

}  // namespace loomline::scheduling::domain
