// Plants as they are published, and their material.
#include <set>

#include "domain/broken_orders.hpp"
#include "domain/plan_writing.hpp"
#include "domain/plant.hpp"
#include "domain/plant_model.hpp"
#include "domain/stock.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling::domain {
namespace {

// The books are kept by supplies and the floor: a revision only adds the items that were not there.
Status book_new_items(PlantStep& step, const v1::Plant& plant) {
  std::set<std::string> known;
  step.stock.each([&](const std::string& id, const state::v1::Stock&) { known.insert(id); });
  for (int i = 0; i < plant.supplies_size(); ++i) {
    const auto& supply = plant.supplies(i);
    if (known.contains(supply.item().item_id())) continue;
    if (auto status = book(step, wire::path("supplies", i), supply); !status.ok()) return status;
  }
  return {};
}

void say_published(PlantStep& step, const v1::Plant& plant) {
  v1::PlantPublished event;
  event.set_plant_id(plant.plant_id());
  event.set_revision(step.state.revision());
  *event.mutable_name() = plant.name();
  event.set_zone(plant.zone());
  *event.mutable_occurred_at() = to_timestamp(step.now);
  step.step.publish(event);
}

// The plan for another plant: everything is put into it again, what was parked too. What breaks is parked (again).
void plan_anew(PlantStep& step) {
  step.write_plan();
  const auto tried_again = unpark(step);
  replan(step.board, step.step.all_parts());
  // Whatever is planned may have a better place now.
  for (auto known : step.plan().freed()) {
    known.to = known.from;
    write_freed(step, known);
  }
  step.plan().set_freed({planning::Freed{}});
  write_freed(step, planning::Freed{});
  std::map<std::string, std::string> broken;
  for (const auto entry : step.board.broken) broken.emplace(entry.key, entry.value);
  step.board.broken.clear();
  for (const auto& [order_id, why] : broken) park(step, order_id, why);
  for (const auto& order_id : tried_again)
    if (!broken.contains(order_id)) step.touch(order_id, v1::PROMISE_REASON_OPERATION_LATE);
  step.settle(true);
  for (const auto& order_id : tried_again)
    if (!broken.contains(order_id)) replay(step, order_id);
}

}  // namespace

Status plant_unknown(std::string_view plant_id) {
  return not_found("PLANT_UNKNOWN", "No plant " + std::string(plant_id.substr(0, 60)) + " was published here.");
}

Result<v1::PublishPlantResponse> publish_plant(PlantStep& step, const v1::PublishPlantRequest& request) {
  if (auto status = check_plant(request.plant()); !status.ok()) return status;
  step.catch_up();
  if (auto status = book_new_items(step, request.plant()); !status.ok()) return status;
  auto* model = step.models.edit(kModelPart);
  if (model == nullptr) model = &step.models.add(kModelPart);
  *model = request.plant();
  step.state.set_revision(step.state.revision() + 1);
  step.published = true;
  say_published(step, request.plant());
  plan_anew(step);
  v1::PublishPlantResponse response;
  response.set_plant_id(request.plant().plant_id());
  response.set_revision(step.state.revision());
  return response;
}

Result<v1::AddSupplyResponse> add_supply(PlantStep& step, const v1::AddSupplyRequest& request) {
  if (!step.published) return plant_unknown(request.plant_id());
  if (auto status = check_supply("supply", request.supply()); !status.ok()) return status;
  step.catch_up();
  if (auto status = book(step, "supply", request.supply()); !status.ok()) return status;
  step.settle(true);
  return v1::AddSupplyResponse{};
}

}  // namespace loomline::scheduling::domain
