#include "domain/changes.hpp"

#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

// A MES that has not asked for this many work orders must list everything again.
constexpr std::uint64_t kMostGone = 1000;

const WorkOrder* find_work_order(const Unit* unit, const std::string& id) {
  if (unit == nullptr) return nullptr;
  for (const auto& work_order : unit->work_orders())
    if (work_order.work_order_id() == id && released(work_order)) return &work_order;
  return nullptr;
}

void list_gone(PlantStep& step, const std::vector<std::string>& ids, std::uint64_t changes) {
  if (ids.empty()) return;
  auto& part = step.gone.add(gone_name(changes));
  for (const auto& id : ids) part.add_work_order_ids(id);
  auto& state = step.state;
  state.set_gone_count(state.gone_count() + ids.size());
  while (state.gone_count() > kMostGone) {
    std::string oldest;
    const auto& store = step.step.all_parts();
    const auto& map = store.map(store.collection_of(state::v1::Gone::descriptor()));
    if (map.empty()) break;
    oldest = map.begin().key();
    const auto count = static_cast<std::uint64_t>(step.gone.find(oldest)->work_order_ids_size());
    state.set_gone_count(state.gone_count() - std::min(count, state.gone_count()));
    state.set_gone_known(std::stoull(oldest));
    step.gone.erase(oldest);
  }
}

}  // namespace

std::string gone_name(std::uint64_t changes) {
  auto digits = std::to_string(changes);
  return digits.insert(0, 20 - digits.size(), '0');
}

void stamp_changes(PlantStep& step) {
  const auto& store = step.step.all_parts();
  const auto shipments = store.collection_of(state::v1::Shipment::descriptor());
  if (const auto it = store.touched().lower_bound({shipments, {}});
      it != store.touched().end() && it->first == shipments)
    step.state.set_shipment_changes(step.state.shipment_changes() + 1);
  const auto collection = store.collection_of(Unit::descriptor());
  const auto next = step.state.changes() + 1;
  bool any = false;
  std::vector<std::string> gone;
  const auto& touched = store.touched();
  for (auto it = touched.lower_bound({collection, {}}); it != touched.end() && it->first == collection; ++it) {
    const auto* before = static_cast<const Unit*>(step.board.index.seen().find(collection, it->second));
    auto* after = step.units.edit(it->second);
    if (after != nullptr)
      for (auto& work_order : *after->mutable_work_orders()) {
        if (!released(work_order)) continue;
        const auto* was = find_work_order(before, work_order.work_order_id());
        if (was != nullptr && was->SerializeAsString() == work_order.SerializeAsString()) continue;
        work_order.set_changed(next);
        any = true;
      }
    if (before != nullptr)
      for (const auto& work_order : before->work_orders())
        if (released(work_order) && find_work_order(after, work_order.work_order_id()) == nullptr)
          gone.push_back(work_order.work_order_id());
  }
  list_gone(step, gone, next);
  if (any || !gone.empty()) step.state.set_changes(next);
}

}  // namespace loomline::scheduling::domain
