#include "board_check.hpp"

#include "domain/unit_facts.hpp"

namespace loomline::scheduling {
namespace {

using namespace domain;  // NOLINT: what is checked

template <class Map>
bool same_entries(const Map& a, const Map& b) {
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  for (auto it = a.begin(); it != a.end(); ++it, ++other) {
    if (it.key() != other.key()) return false;
    if constexpr (requires { it.value() == other.value(); })
      if (it.value() != other.value()) return false;
  }
  return true;
}

std::string index_fault(const BoardIndex& a, const BoardIndex& b) {
  if (!same_entries(a.unit_by_number, b.unit_by_number)) return "units by number";
  if (!same_entries(a.unit_by_id, b.unit_by_id)) return "units by id";
  if (!same_entries(a.unit_by_work_order, b.unit_by_work_order)) return "units by work order";
  if (!same_entries(a.unit_by_change, b.unit_by_change)) return "units by change";
  if (!same_entries(a.finishes, b.finishes)) return "finishes";
  if (!same_entries(a.stopping, b.stopping)) return "stopping units";
  if (!same_entries(a.orders, b.orders) || !same_entries(a.cancelled, b.cancelled) ||
      !same_entries(a.to_review, b.to_review) || !same_entries(a.parked, b.parked))
    return "orders";
  if (!same_entries(a.unfinished, b.unfinished) || !same_entries(a.unschedulable, b.unschedulable)) return "lines";
  if (!same_entries(a.spec_uses, b.spec_uses)) return "uses of specs";
  if (!same_entries(a.deliveries, b.deliveries)) return "deliveries";
  if (!same_entries(a.inbound_due, b.inbound_due) || !same_entries(a.downs_due, b.downs_due)) return "what is due";
  return {};
}

std::string plant_fault(planning::Plant a, planning::Plant b) {
  // A machine that a revision removed is kept until its work has ended, or longer: nothing is planned on it.
  for (auto* plant : {&a, &b})
    std::erase_if(plant->machines, [](const auto& machine) { return machine.equipment_class == "~retired"; });
  if (a.machines != b.machines) return "machines";
  if (a.items != b.items) return "items";
  return a == b ? "" : "calendars or crews";
}

std::string plan_fault(const planning::Plan& a, const planning::Plan& b) {
  const auto resident = a.jobs(), stored = b.jobs();
  if (resident.size() != stored.size()) return "number of jobs";
  for (std::size_t i = 0; i < resident.size(); ++i)
    if (!(resident[i] == stored[i])) return "job " + stored[i].demand.job_id;
  if (auto fault = plant_fault(a.plant(), b.plant()); !fault.empty()) return fault;
  return a.freed() == b.freed() ? "" : "what came free";
}

std::string tally_fault(const PlantView& plant, const Order& order) {
  for (const auto& line : order.lines()) {
    Tally counted;
    plant.parts_of<Unit>().each(units_of(order.order_id(), line.line_id()),
                                [&](const std::string&, const Unit& unit) { adjust(counted, {}, tally_of(unit)); });
    if (!same(counted, line.tally())) return "tally of " + line.line_id();
  }
  return {};
}

}  // namespace

std::string board_fault(const PlantView& plant) { return board_fault(plant.board(), plant); }

std::string board_fault(const Board& board, const PlantView& plant) {
  const auto made = make_board(plant.state(), plant.parts());
  if (auto fault = index_fault(board.index, made->index); !fault.empty()) return fault;
  if (board.routings.size() != made->routings.size()) return "routings";
  std::string fault;
  plant.parts_of<Order>().each([&](const std::string&, const Order& order) {
    if (fault.empty()) fault = tally_fault(plant, order);
  });
  if (!fault.empty() || !made->plan) return fault;
  return plan_fault(*board.plan, *made->plan);
}

}  // namespace loomline::scheduling
