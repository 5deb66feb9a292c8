#include "presence.hpp"

#include <map>

namespace loomline::planning {

Presence::Presence(std::vector<Crew> crews, std::vector<CalendarPtr> calendars)
    : crews_(std::move(crews)), calendars_(std::move(calendars)) {}

int Presence::most() const {
  int count = 0;
  for (const auto& crew : crews_) count += crew.count;
  return count;
}

std::size_t Presence::Table::at(Time t) const {
  const auto it = std::upper_bound(steps.begin(), steps.end(), t, [](Time x, const Step& s) { return x < s.begin; });
  return static_cast<std::size_t>(it - steps.begin()) - 1;
}

const Presence::Table& Presence::covering(Time from, Time to) const {
  return table_.covering(from, to, [this](Time a, Time b) { return expand(a, b); });
}

Presence::Table Presence::expand(Time from, Time to) const {
  std::map<Time, int> deltas;
  for (std::size_t i = 0; i < crews_.size(); ++i)
    for (const auto& stretch : calendars_[i]->stretches(from, to)) {
      deltas[stretch.begin] += crews_[i].count;
      deltas[stretch.end] -= crews_[i].count;
    }
  Table table{from, to, {{Time::min(), 0}}};
  int count = 0;
  for (const auto& [at, delta] : deltas)
    if (delta != 0) table.steps.push_back({at, count += delta});
  return table;
}

}  // namespace loomline::planning
