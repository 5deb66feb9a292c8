#include "frame.hpp"

#include <algorithm>
#include <set>

namespace loomline::planning {
namespace {

template <class T>
T known(const ById<T>* map, const std::string& id) {
  if (map == nullptr) return nullptr;
  const auto it = map->find(id);
  return it == map->end() ? nullptr : it->second;
}

}  // namespace

Frame::Frame(const Plant& plant, const Frame* before)
    : plant_id_(plant.id), calendar_id_(plant.calendar), allowance_permille_(plant.allowance_permille) {
  for (const auto& spec : plant.calendars) {
    const auto old = known(before == nullptr ? nullptr : &before->calendars_, spec.id);
    calendars_[spec.id] = old != nullptr && old->spec() == spec ? old : Calendar::make(spec).value();
  }
  for (const auto& machine : plant.machines) classes_[machine.equipment_class].push_back(machine.id);
  for (auto& [name, ids] : classes_) std::sort(ids.begin(), ids.end());
  ById<std::vector<Crew>> by_class;
  for (const auto& crew : plant.crews) by_class[crew.operator_class].push_back(crew);
  for (auto& [name, crews] : by_class) {
    std::sort(crews.begin(), crews.end(), [](const Crew& a, const Crew& b) { return a.id < b.id; });
    std::vector<CalendarPtr> calendars;
    for (const auto& crew : crews) calendars.push_back(calendars_.at(crew.calendar));
    const auto old = known(before == nullptr ? nullptr : &before->crews_, name);
    const bool same = old != nullptr && old->crews() == crews && old->calendars() == calendars;
    crews_[name] = same ? old : std::make_shared<const Presence>(std::move(crews), std::move(calendars));
  }
  if (before != nullptr) keep_times(*before);
}

// The machines' indexes of gaps go by these objects.
void Frame::keep_times(const Frame& before) {
  std::set<const void*> kept{nullptr};
  for (const auto& [id, calendar] : calendars_) kept.insert(calendar.get());
  for (const auto& [name, presence] : crews_) kept.insert(presence.get());
  const std::lock_guard lock(before.mutex_);
  for (const auto& [key, times] : before.times_)
    if (kept.contains(std::get<0>(key)) && kept.contains(std::get<1>(key))) times_.emplace(key, times);
}

const std::vector<std::string>* Frame::machines(std::string_view equipment_class) const {
  const auto it = classes_.find(equipment_class);
  return it == classes_.end() ? nullptr : &it->second;
}

TimesPtr Frame::times(const CalendarPtr& calendar, const Operation& op) const {
  const auto& base = calendar != nullptr ? calendar : calendars_.find(calendar_id_)->second;
  std::shared_ptr<const Presence> presence;
  if (op.operators > 0)
    if (const auto it = crews_.find(op.operator_class); it != crews_.end()) presence = it->second;
  const int count = presence == nullptr ? 0 : op.operators;
  const std::lock_guard lock(mutex_);
  auto& times = times_[{base.get(), presence.get(), count}];
  if (times == nullptr) times = std::make_shared<const WorkTimes>(base, std::move(presence), count);
  return times;
}

}  // namespace loomline::planning
