// One fact being folded: what the functions that know the facts may do. Not for others.
#pragma once

#include <string>
#include <string_view>

#include "domain/journey.hpp"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::tracking::domain {

using google::protobuf::Timestamp;
using production::v1::Milestone;

class Folding {
 public:
  Folding(state::v1::Fold& folded, const state::v1::Fact& fact, const Timestamp& occurred_at, Effect& effect)
      : fold(folded), at(occurred_at), fact_(fact), effect_(effect) {}

  state::v1::Fold& fold;
  const Timestamp at;  // when the fact happened

  // Adds an entry of the history. `code` is one of those that the catalogue of texts knows.
  v1::JourneyEntry& entry(std::string_view code);
  // A step back, with what customers are told of it.
  v1::JourneyEntry& setback(std::string_view code, v1::CustomerReason reason);
  void internal_reason(std::string reason) { effect_.internal_reason = std::move(reason); }
  // What should not have been; the fact still counts as far as it makes sense.
  void anomaly(const std::string& what);

  // Takes the life's step; an illegal one is an anomaly and changes nothing.
  void become(v1::JourneyStatus status);
  // The line; a line that was not ordered is added, with an anomaly.
  state::v1::Line& line(const std::string& line_id);
  // The unit; one that is not known is added, with an anomaly. Null where it was scrapped (an anomaly, too).
  state::v1::Unit* unit(state::v1::Line& line, const std::string& unit_id);
  // By unit alone, over all lines; null where unknown.
  state::v1::Unit* find_unit(std::string_view unit_id);

  // The order as a whole has reached it, and everything before it.
  void reach(Milestone milestone);
  // The unit has reached it, and everything before it.
  void reach(state::v1::Unit& unit, Milestone milestone);

 private:
  const state::v1::Fact& fact_;
  Effect& effect_;
};

// The last milestone that a unit has reached; CONFIRMED where none.
Milestone milestone_of(const state::v1::Unit& unit);
// Takes what is later than `to` away; the unit then stands there.
void step_back(state::v1::Unit& unit, Milestone to);
const state::v1::Step* find_step(const state::v1::Line& line, std::string_view op_id);
// What it means to customers that an operation with this milestone has started, or has ended.
Milestone when_started(Milestone of_operation);
Milestone when_ended(Milestone of_operation);

}  // namespace loomline::tracking::domain
