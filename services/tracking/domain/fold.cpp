#include "domain/fold.hpp"

#include "domain/digest.hpp"

namespace loomline::tracking::domain {

void Unit::reach(Milestone to, Time at) {
  for (int next = std::max(milestone + 1, first_of_units); next <= to; ++next)
    reached[static_cast<std::size_t>(next - first_of_units)] = at;
  milestone = std::max(milestone, to);
}

std::uint64_t Unit::digest() const {
  return Digest().add(number).add(unit_id).add(serial).add(milestone).add(scrapped).value();
}

Tally Tally::of(std::uint32_t, const std::shared_ptr<const Unit>& unit) {
  Tally tally;
  if (unit->scrapped) return tally;
  tally.counting = 1;
  const auto reached = static_cast<std::size_t>(std::max(unit->milestone - first_of_units + 1, 0));
  for (std::size_t i = 0; i < reached; ++i) {
    tally.pieces[i] = 1;
    tally.last[i] = std::max(unit->reached[i], Time{});
  }
  return tally;
}

Tally Tally::join(const Tally& left, const Tally& right) {
  Tally sum;
  sum.counting = left.counting + right.counting;
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
