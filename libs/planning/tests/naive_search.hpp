// The earliest place of an operation by trying every instant at which anything begins or ends: the reference for the
// search of the library, with which it shares nothing but the calendars.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loomline/planning/plan.hpp"

namespace loomline::planning {

class NaiveSearch {
 public:
  explicit NaiveSearch(const Plan& plan);
  void book(const Operation& op, const PlacedOperation& placed);
  // Finish first, then id; nullopt: not within `horizon`.
  std::optional<PlacedOperation> earliest(const Operation& op, Time at, Duration horizon) const;

 private:
  struct Busy {
    Interval period;
    int count = 1;
  };
  int present(const std::string& operator_class, Time at) const;
  int busy(const std::vector<Busy>& list, Time at) const;
  bool works(const Machine* machine, const Operation& op, Time at) const;
  bool free(const Machine* machine, const Operation& op, const PlacedOperation& placed,
            const std::vector<Time>& instants) const;
  std::vector<Time> instants(const Machine* machine, const Operation& op, Time from, Time to) const;
  std::optional<PlacedOperation> run(const Machine* machine, const Operation& op, Time at,
                                     const std::vector<Time>& instants) const;

  Plant plant_;
  std::map<std::string, std::shared_ptr<const Calendar>> calendars_;
  std::map<std::string, std::vector<Busy>> machines_, operators_;
};

}  // namespace loomline::planning
