// The shop floor of one simulated plant, as its MES would know it. Pure: it is shown the plant's open work orders and a
// time, and says what happened up to then. Nothing here knows HTTP.
#pragma once

#include <loomline/production/v1/production.pb.h>
#include <loomline/scheduling/v1/plant.pb.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "loomline/factory/contracts.hpp"
#include "loomline/factory/draws.hpp"
#include "loomline/factory/labels.hpp"
#include "loomline/planning/calendar.hpp"

namespace loomline::factory {

// A machine stops at `at` for `length`. Without an equipment id: the one that is then busy for longest.
struct Breakdown {
  Time at{};
  Duration length{};
  std::string equipment_id;
};

struct FloorOptions {
  // Coefficient of variation of operation times.
  double variation = 0.15;
  // Share of work orders that the plant refuses when they are first offered (tooling is out); offered again, it takes
  // them.
  unsigned rejections_permille = 0;
  std::vector<Breakdown> breakdowns;
};

// What the MES tells, in the order in which it happened.
using FloorReport = std::variant<production::OperationReport, production::ReportEquipmentRequest>;
Time time_of(const FloorReport& report);

class Floor {
 public:
  // invalid_argument where a calendar of the plant cannot be read.
  static Result<std::unique_ptr<Floor>> make(scheduling::Plant plant, FloorOptions options, Draws draws,
                                             std::shared_ptr<Labels> labels);

  const std::string& plant_id() const { return plant_.plant_id(); }

  // The work orders that have changed since the last call (all of them at the first), and the ids of those that are
  // completed, recalled or gone since: what is planned where, and what may start. What ran and is gone was recalled: it
  // stops. What runs without our knowing (an earlier simulator's) is taken over. Costs what has changed.
  void observe(Time now, std::vector<production::WorkOrder> changed, const std::vector<std::string>& gone = {});
  // The open work order of this id, or nullptr.
  const production::WorkOrder* find(std::string_view work_order_id) const;
  std::vector<std::string> work_order_ids() const;
  // Answers for what stands offered: a plant that can make it takes it, now or when it is offered again.
  std::vector<production::WorkOrderAnswer> answers() const;
  // What happened after the last call and up to `now`, by time.
  std::vector<FloorReport> advance(Time now);
  // A report was not accepted: a start that was not allowed did not happen.
  void retract(const production::OperationReport& report);
  // When something will happen by itself; nothing: only an event from outside can bring more.
  std::optional<Time> next_event() const;

  // Shares of the plan as it was executed.
  std::size_t operations_ended() const { return ended_count_; }
  std::size_t breakdowns_begun() const { return breakdowns_begun_; }

 private:
  using Key = std::pair<std::string, std::string>;  // work order, operation
  struct Run {
    std::string equipment_id;
    Time start{}, end{};
    bool interrupted = false;
  };
  struct Down {
    Time since{}, until{};
  };
  // An operation that may start, on its machine: the earlier planned the sooner it can.
  struct Waiting {
    Time planned{};
    std::string label;
    Key key;
    auto operator<=>(const Waiting&) const = default;
  };
  struct Candidate {
    Time at{};
    int rank = 0;       // ends, then repairs, then breakdowns, then starts
    Time planned{};     // ties between starts: the plan's order
    std::string label;  // then the label
    Key key;            // the operation, or {equipment, ""}
    std::size_t breakdown = 0;
  };

  Floor(scheduling::Plant plant, FloorOptions options, Draws draws, std::shared_ptr<Labels> labels);

  std::optional<Candidate> next() const;
  std::optional<Candidate> next_start() const;
  void show(production::WorkOrder order);
  void forget(std::string_view work_order_id);
  void list(const production::WorkOrder& order);
  void unlist(const production::WorkOrder& order);
  Waiting waiting(const production::WorkOrder& order, const production::WorkOrderOperation& op) const;
  std::optional<Time> ready_at(const production::WorkOrder& order, const production::WorkOrderOperation& op) const;
  std::optional<Time> start_of(const production::WorkOrder& order, const production::WorkOrderOperation& op) const;
  std::optional<Candidate> candidate(const production::WorkOrder& order,
                                     const production::WorkOrderOperation& op) const;
  Duration duration(const production::WorkOrder& order, const production::WorkOrderOperation& op) const;
  bool occupied(const std::string& equipment_id) const;
  void adopt(Time now, const production::WorkOrder& order);

  void start(const Candidate& candidate, std::vector<FloorReport>& out);
  void end(const Candidate& candidate, std::vector<FloorReport>& out);
  void break_down(const Candidate& candidate, std::vector<FloorReport>& out);
  void back_in_service(const Candidate& candidate, std::vector<FloorReport>& out);
  production::OperationReport report(const Key& key, production::OperationState state, Time at);
  void add_lots(const production::WorkOrder& order, const std::string& op_id,
                production::OperationReport& report) const;

  scheduling::Plant plant_;
  FloorOptions options_;
  Draws draws_;
  std::shared_ptr<Labels> labels_;
  std::map<std::string, std::shared_ptr<const planning::Calendar>, std::less<>> calendars_;  // by equipment
  std::map<std::string, std::string, std::less<>> lots_;                                     // by item

  Time horizon_ = Time::min();  // everything up to here has been told
  std::map<std::string, production::WorkOrder, std::less<>> orders_;
  std::set<std::string, std::less<>> offered_;                     // those that want an answer
  std::map<std::string, std::set<Waiting>, std::less<>> waiting_;  // by equipment: allowed and not started
  std::map<std::string, std::string, std::less<>> order_labels_;   // by work order
  std::map<Key, Run> running_;
  std::map<Key, Time> ended_;  // since the last observation: successors may follow at once
  std::set<Key> told_;         // started or ended by us: the listing may lag behind
  std::set<std::string>
      retracted_;  // work orders of which a report was not taken: looked at again when all is observed
  std::map<Key, std::uint32_t> report_numbers_;
  std::map<std::string, Time> free_at_;  // equipment: when its last operation ended
  std::map<std::string, Down> down_;
  std::set<std::size_t> breakdowns_done_;
  std::size_t ended_count_ = 0, breakdowns_begun_ = 0;
};

}  // namespace loomline::factory
