// Machines that break down and come back.
#include "domain/plant.hpp"
#include "domain/stock.hpp"

namespace loomline::scheduling::domain {
namespace {

using namespace production::v1;  // NOLINT: the floor's own messages, in every line of this file

constexpr std::chrono::minutes kAhead{5};  // how far clocks may differ
constexpr std::chrono::hours kUsualDown{4};

std::string open_down(const PlantStep& step, const std::string& equipment_id) {
  std::string name;
  step.downs.each([&](const std::string& id, const state::v1::Down& down) {
    if (down.equipment_id() == equipment_id && down.open()) name = id;
  });
  return name;
}

state::v1::Down& new_down(PlantStep& step, const std::string& equipment_id, Time at) {
  const auto id = "down-" + std::to_string(step.count_up());
  auto& down = step.downs.add(id);
  down.set_down_id(id);
  down.set_equipment_id(equipment_id);
  down.set_from(micros(at));
  return down;
}

void say_changed(PlantStep& step, const ReportEquipmentRequest& request, Time at) {
  EquipmentStateChanged event;
  event.set_plant_id(step.step.key());
  event.set_equipment_id(request.equipment_id());
  event.set_available(request.available());
  event.set_reason(request.reason());
  if (request.has_expected_back()) *event.mutable_expected_back() = request.expected_back();
  *event.mutable_occurred_at() = to_timestamp(at);
  step.step.publish(event);
}

}  // namespace

Result<ReportEquipmentResponse> report_equipment(PlantStep& step, const ReportEquipmentRequest& request) {
  if (!step.published) return plant_unknown(request.plant_id());
  if (!step.board.machines->contains(request.equipment_id()))
    return not_found("EQUIPMENT_UNKNOWN", "The plant has no such equipment; see GetPlant for its names.");
  const auto at = occurred(request, step.step);
  if (at > step.now + kAhead) return invalid("occurred_at", "is in the future", "give a time no later than now");
  step.catch_up();
  const auto known = open_down(step, request.equipment_id());
  if (request.available() && known.empty()) return ReportEquipmentResponse{};
  auto& down = known.empty() ? new_down(step, request.equipment_id(), at) : *step.downs.edit(known);
  const auto back = request.has_expected_back() ? to_time(request.expected_back()) : at + kUsualDown;
  down.set_open(!request.available());
  down.set_until(micros(request.available() ? at : std::max(back, step.now)));
  down.set_reason(request.reason());
  (void)step.plan().set_down(down.equipment_id(), down_of(down)).ok();
  say_changed(step, request, at);
  step.state.set_reported(std::max(step.state.reported(), micros(at)));
  step.settle(request.available());
  return ReportEquipmentResponse{};
}

}  // namespace loomline::scheduling::domain
