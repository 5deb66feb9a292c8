// One fact being folded: what the functions that know the facts may do. Not for others.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "domain/fold.hpp"
#include "domain/journey.hpp"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::tracking::domain {

class Folding {
 public:
  // `fact`: where it comes from. `type`: as in Fact.
  Folding(Fold& folded, std::string_view type, std::string_view event_id, const Timestamp& occurred_at, Effect& effect)
      : fold(folded), at(occurred_at), type_(type), event_id_(event_id), effect_(effect) {}

  Fold& fold;
  const Timestamp at;  // when the fact happened

  // Changes what seldom changes: change(Head&).
  template <class Change>
  void head(Change change) {
    auto changed = std::make_shared<Head>(*fold.head);
    change(*changed);
    changed->digest = digest_of(changed->shown);
    fold.head = std::move(changed);
  }
  // Of a line: change(LineHead&).
  template <class Change>
  void head(Line& line, Change change) {
    auto changed = line.head ? std::make_shared<LineHead>(*line.head) : std::make_shared<LineHead>();
    change(*changed);
    changed->digest = digest_of(changed->shown);
    changed->promise_digest = changed->shown.has_promise() ? digest_of(changed->shown.promise()) : 0;
    line.head = std::move(changed);
  }

  // The entry of the history; at most one a fact. `code` is one of those that the catalogue of texts knows.
  v1::JourneyEntry& entry(std::string_view code);
  // A step back, with what customers are told of it.
  v1::JourneyEntry& setback(std::string_view code, v1::CustomerReason reason);
  void internal_reason(std::string reason) { effect_.internal_reason = std::move(reason); }
  // What should not have been; the fact still counts as far as it makes sense.
  void anomaly(const std::string& what);

  // Takes the life's step; an illegal one is an anomaly and changes nothing.
  void become(v1::JourneyStatus status);
  // The line, to change; a line that was not ordered is added, with an anomaly. Holds until a line is added or taken
  // away.
  Line& line(const std::string& line_id);
  // Null where unknown.
  Line* find_line(std::string_view line_id);
  // The unit; one that is not known is added, with an anomaly. Null where it was scrapped (an anomaly, too). Holds
  // until a unit of the line changes.
  const Unit* unit(Line& line, const std::string& unit_id);
  // A new one.
  const Unit* add_unit(Line& line, const std::string& unit_id);
  // By unit alone, over all lines; null where unknown.
  std::pair<Line*, const Unit*> find_unit(std::string_view unit_id);

  // The order as a whole has reached it, and what is required before it.
  void reach(Milestone milestone);
  // The unit has reached it, and everything before it.
  void reach(Line& line, const Unit& unit, Milestone milestone);
  void step_back(Line& line, const Unit& unit, Milestone to);
  // Changes a unit: change(Unit&).
  template <class Change>
  void change(Line& line, const Unit& unit, Change change) {
    auto changed = std::make_shared<Unit>(unit);
    change(*changed);
    put(line, std::move(changed), unit.digest());
  }

  // Adds what was said to the fold. After this, nothing more.
  void finish();

 private:
  static std::uint64_t digest_of(const Message& shown);
  void put(Line& line, std::shared_ptr<const Unit> unit, std::uint64_t digest_before);
  Line& own(std::size_t index);

  std::string_view type_, event_id_;
  Effect& effect_;
  std::shared_ptr<v1::JourneyEntry> entry_;
  std::vector<std::shared_ptr<Line>> own_;  // lines that are this fact's to change
};

// Folds one more fact, the last in order so far. One that this version does not know is an anomaly.
Effect apply(Fold& fold, std::string_view name, const state::v1::Fact& fact);

// What it means to customers that an operation with this milestone has started, or has ended.
Milestone when_started(Milestone of_operation);
Milestone when_ended(Milestone of_operation);

}  // namespace loomline::tracking::domain
