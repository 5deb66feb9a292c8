#include "domain/changes.hpp"

#include "loomline/base/hash.hpp"

namespace loomline::scheduling::domain {
namespace {

// A MES that has not asked for this many work orders must list everything again.
constexpr int kMostGone = 1000;

std::uint64_t print_of(WorkOrder& work_order) {
  const auto changed = work_order.changed();
  work_order.clear_changed();
  work_order.clear_print();
  const auto digest = sha256(work_order.SerializeAsString());
  work_order.set_changed(changed);
  std::uint64_t print = 0;
  for (int i = 0; i < 8; ++i) print = print << 8 | digest[static_cast<std::size_t>(i)];
  return print;
}

}  // namespace

Changes::Changes(const PlantState& state) {
  each_work_order(state, [this](const Order&, const Line&, const Unit&, const WorkOrder& work_order) {
    before_.insert(work_order.work_order_id());
  });
}

void Changes::stamp(PlantState& state) const {
  const auto next = state.changes() + 1;
  bool any = false;
  auto gone = before_;
  each_work_order(state, [&](Order&, Line&, Unit&, WorkOrder& work_order) {
    gone.erase(work_order.work_order_id());
    const auto old = work_order.print();
    const auto print = print_of(work_order);
    work_order.set_print(print);
    if (print == old) return;
    work_order.set_changed(next);
    any = true;
  });
  for (const auto& id : gone) {
    auto& entry = *state.add_gone();
    entry.set_work_order_id(id);
    entry.set_changed(next);
    any = true;
  }
  if (const int extra = state.gone_size() - kMostGone; extra > 0) {
    state.set_gone_known(state.gone(extra - 1).changed());
    state.mutable_gone()->DeleteSubrange(0, extra);
  }
  if (any) state.set_changes(next);
}

}  // namespace loomline::scheduling::domain
