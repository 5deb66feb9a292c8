#include "domain/unit_facts.hpp"

#include <algorithm>
#include <charconv>

namespace loomline::scheduling::domain {

std::string twelve_digits(std::uint64_t number) {
  auto digits = std::to_string(number);
  digits.insert(0, digits.size() < 12 ? 12 - digits.size() : 0, '0');
  return digits;
}

std::string units_of(std::string_view order_id, std::string_view line_id) {
  return std::string(order_id).append("/").append(line_id).append("/");
}
std::string unit_name(std::string_view order_id, std::string_view line_id, const Unit& unit) {
  return units_of(order_id, line_id) + twelve_digits(unit.number());
}
std::string_view order_of(std::string_view name) { return name.substr(0, name.find('/')); }
std::string_view line_of(std::string_view name) {
  name.remove_prefix(std::min(name.size(), name.find('/') + 1));
  return name.substr(0, name.rfind('/'));
}

std::string job_id(const Unit& unit) { return "u" + twelve_digits(unit.number()); }

std::optional<std::uint64_t> number_of(std::string_view job) {
  std::uint64_t number = 0;
  const auto* end = job.data() + job.size();
  if (!job.starts_with('u') || std::from_chars(job.data() + 1, end, number).ptr != end) return std::nullopt;
  return number;
}

bool any_running(const Unit& unit) {
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (running(op)) return true;
  return false;
}

std::optional<Time> planned_finish(const Unit& unit) {
  std::optional<Time> finish;
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations()) {
      if (!op.in_plan()) continue;
      const auto own = op.plan_state() == 0 ? Time::max() : from_micros(op.finish());
      finish = finish ? std::max(*finish, own) : own;
    }
  return finish;
}

Tally tally_of(const Unit& unit) {
  Tally tally;
  tally.set_running(any_running(unit) ? 1 : 0);
  if (!counts(unit)) return tally;
  tally.set_units(1);
  const bool waits = unit.state() == state::v1::UNIT_STATE_WAITING;
  tally.set_waiting(waits && unit.work_orders().empty() ? 1 : 0);
  tally.set_held(held(unit) ? 1 : 0);
  tally.set_completed(unit.state() == state::v1::UNIT_STATE_COMPLETED ||
                              unit.state() == state::v1::UNIT_STATE_SHIPPED ||
                              unit.state() == state::v1::UNIT_STATE_DELIVERED
                          ? 1
                          : 0);
  std::uint32_t done = 0, total = 0;
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations()) {
      if (begun(op)) tally.set_begun(1);
      ++total;
      if (op.state() == production::v1::OPERATION_STATE_ENDED) ++done;
    }
  tally.set_operations_done(done);
  tally.set_operations_total(total);
  return tally;
}

bool same(const Tally& a, const Tally& b) {
  return a.units() == b.units() && a.waiting() == b.waiting() && a.held() == b.held() && a.begun() == b.begun() &&
         a.completed() == b.completed() && a.operations_done() == b.operations_done() &&
         a.operations_total() == b.operations_total() && a.running() == b.running();
}

void adjust(Tally& sum, const Tally& before, const Tally& after) {
  sum.set_units(sum.units() + after.units() - before.units());
  sum.set_waiting(sum.waiting() + after.waiting() - before.waiting());
  sum.set_held(sum.held() + after.held() - before.held());
  sum.set_begun(sum.begun() + after.begun() - before.begun());
  sum.set_completed(sum.completed() + after.completed() - before.completed());
  sum.set_operations_done(sum.operations_done() + after.operations_done() - before.operations_done());
  sum.set_operations_total(sum.operations_total() + after.operations_total() - before.operations_total());
  sum.set_running(sum.running() + after.running() - before.running());
}

}  // namespace loomline::scheduling::domain
