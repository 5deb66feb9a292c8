#include "domain/fold.hpp"

#include <stdexcept>

#include "domain/digest.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {

int unit_place(Milestone milestone) {
  const auto& all = wire::milestones();
  const int place = all.place(milestone) - all.place(production::v1::MILESTONE_SCHEDULED);
  if (place >= static_cast<int>(most_unit_places))
    throw std::logic_error(all.name(milestone) + " is one milestone too many: raise most_unit_places");
  return place;
}

void Unit::reach(Milestone to, Time at) {
  const int place = unit_place(to);
  if (place < 0 || place <= unit_place(milestone)) return;
  for (int next = std::max(unit_place(milestone) + 1, 0); next <= place; ++next)
    reached[static_cast<std::size_t>(next)] = at;
  been |= 1U << place;
  milestone = to;
}

void Unit::step_back(Milestone to) {
  milestone = wire::milestones().later(to, production::v1::MILESTONE_CONFIRMED);
  been &= (1U << std::max(unit_place(milestone) + 1, 0)) - 1;
}

std::uint64_t Unit::digest() const {
  return Digest().add(number).add(unit_id).add(serial).add(milestone).add(scrapped).value();
}

Tally Tally::of(std::uint32_t, const std::shared_ptr<const Unit>& unit) {
  Tally tally;
  if (unit->scrapped) return tally;
  tally.counting = 1;
  tally.been = unit->been;
  const auto reached = static_cast<std::size_t>(std::max(unit_place(unit->milestone) + 1, 0));
  for (std::size_t i = 0; i < reached; ++i) {
    tally.pieces[i] = 1;
    tally.last[i] = std::max(unit->reached[i], Time{});
  }
  return tally;
}

Tally Tally::join(const Tally& left, const Tally& right) {
  Tally sum;
  sum.counting = left.counting + right.counting;
  sum.been = left.been | right.been;
  for (std::size_t i = 0; i < sum.pieces.size(); ++i) {
    sum.pieces[i] = left.pieces[i] + right.pieces[i];
    sum.last[i] = std::max(left.last[i], right.last[i]);
  }
  return sum;
}

const Unit* Line::find(std::string_view unit_id) const {
  const auto* number = numbers.find(unit_id);
  return number == nullptr ? nullptr : units.find(*number)->get();
}

const RoutingStep* Line::find_step(std::string_view op_id) const {
  for (const auto& step : head->steps)
    if (step.op_id == op_id) return &step;
  return nullptr;
}

}  // namespace loomline::tracking::domain
