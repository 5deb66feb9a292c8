// What an order's facts come to, as it is kept in memory. A function of the facts alone. Copies share everything and
// cost a few pointers; changing one unit of a thousand costs the logarithm. Not for others.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loomline/base/persistent_list.hpp"
#include "loomline/base/persistent_map.hpp"
#include "loomline/base/time.hpp"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::tracking::domain {

using google::protobuf::Timestamp;
using production::v1::Milestone;

// Units reach milestones from SCHEDULED on, one after the other; those before are the order's. There is room for a few
// more than there are.
inline constexpr std::size_t most_unit_places = 12;
// Where a milestone stands among those that units reach, from 0 on; less than 0: it is the order's. std::logic_error
// where there are more than there is room for.
int unit_place(Milestone milestone);

// One piece.
struct Unit {
  std::string unit_id;
  std::string serial;
  std::uint32_t number = 0;                                   // in its line, in the order they were heard of
  Milestone milestone = production::v1::MILESTONE_CONFIRMED;  // the last one reached
  bool scrapped = false;
  std::uint32_t been = 0;                        // a bit a place, of those that it did not pass over
  std::array<Time, most_unit_places> reached{};  // by place: when, up to `milestone`

  // It has reached it, and everything before it.
  void reach(Milestone to, Time at);
  void step_back(Milestone to);
  std::uint64_t digest() const;  // of what a journey shows of it
};

// How many of some units count, how many of these have reached each milestone, and when the last did.
struct Tally {
  std::int64_t counting = 0;
  std::uint32_t been = 0;  // a bit a place where any of them has been
  std::array<std::int64_t, most_unit_places> pieces{};
  std::array<Time, most_unit_places> last{};

  static Tally of(std::uint32_t, const std::shared_ptr<const Unit>& unit);
  static Tally join(const Tally& left, const Tally& right);
  // Pieces that are scheduled have passed what is the order's, whether its fact has come or not.
  std::int64_t reached(Milestone milestone) const { return pieces[first_place(milestone)]; }
  Time last_reached(Milestone milestone) const { return last[first_place(milestone)]; }
  bool has_been(Milestone milestone) const {
    const int place = unit_place(milestone);
    return place >= 0 && (been >> place & 1U) != 0;
  }

 private:
  static std::size_t first_place(Milestone milestone) {
    return static_cast<std::size_t>(std::max(unit_place(milestone), 0));
  }
};
using Units = PersistentMap<std::uint32_t, std::shared_ptr<const Unit>, Tally>;

// What the routing says of an operation that customers see.
struct RoutingStep {
  std::string op_id;
  common::v1::LocalizedText name;
  Milestone milestone;
  bool measured;  // at its end: quality's word counts, not the end
};

// What seldom changes of a line.
struct LineHead {
  v1::JourneyLine shown;  // without units
  std::vector<RoutingStep> steps;
  std::uint64_t digest = 0;          // of `shown`
  std::uint64_t promise_digest = 0;  // of the promise in force
};
struct Line {
  std::shared_ptr<const LineHead> head;
  std::uint32_t operations_done = 0;
  std::uint32_t operations_total = 0;
  bool certified = false;
  Units units;                                        // by number
  PersistentMap<std::string, std::uint32_t> numbers;  // of units, by id
  std::uint64_t units_digest = 0;                     // the sum of theirs

  const std::string& line_id() const { return head->shown.line_id(); }
  const Unit* find(std::string_view unit_id) const;
  const RoutingStep* find_step(std::string_view op_id) const;
};

// What seldom changes of an order.
struct Head {
  v1::Journey shown;  // status, survey, tickets, places, money; what is not in any other struct here
  std::vector<std::pair<Milestone, Time>> reached;  // of the order as a whole, by rank: RECEIVED, CONFIRMED
  std::int64_t wished = 0;                          // pieces, before there are lines
  bool survey_expired = false;
  std::uint64_t digest = 0;  // of `shown`
};

// A hold in force. Holds are numbered as they are placed.
struct Hold {
  std::uint64_t number;
  std::string unit_id;
};

struct Entry {
  std::shared_ptr<const v1::JourneyEntry> shown;
  std::uint64_t digest;  // of this one and all before
};
struct Anomaly {
  std::string text;
  std::uint64_t digest;  // of this one and all before
};

struct Fold {
  std::shared_ptr<const Head> head = std::make_shared<Head>();
  std::vector<std::shared_ptr<const Line>> lines;
  PersistentMap<std::string, Hold> holds;  // by id
  std::uint64_t holds_placed = 0;
  std::uint64_t holds_digest = 0;                                                         // the sum of theirs
  PersistentMap<std::string, std::shared_ptr<const std::vector<std::string>>> shipments;  // their units, by id
  PersistentList<Entry> entries;
  PersistentList<Anomaly> anomalies;
  std::optional<Timestamp> updated_at;
  std::uint64_t facts = 0;  // folded so far
  std::string last;         // the name of the last of them

  v1::JourneyStatus status() const { return head->shown.status(); }
};

}  // namespace loomline::tracking::domain
