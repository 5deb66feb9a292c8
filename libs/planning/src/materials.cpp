#include "materials.hpp"

#include <algorithm>

namespace loomline::planning {
namespace {

bool has_inbound(const ItemState& stock, const std::string& id) {
  return std::any_of(stock.item.inbound.begin(), stock.item.inbound.end(),
                     [&](const Inbound& in) { return in.id == id; });
}

std::string purchase_id(const ItemState& stock, std::string_view job_id, const std::string& op_id) {
  const auto base = "buy:" + std::string(job_id) + ":" + op_id;
  auto id = base;
  for (int n = 2; has_inbound(stock, id); ++n) id = base + ":" + std::to_string(n);
  return id;
}

}  // namespace

Result<MaterialAnswer> material_ready(PlanState& state, std::string_view job_id, const Operation& op, Time from,
                                      Time now) {
  MaterialAnswer answer{from, {}, {}};
  for (const auto& need : op.materials) {
    const auto* stock = state.item(need.item);
    auto at = stock->ledger.earliest(from, need.quantity);
    if (stock->item.lead_time && at > later(now, *stock->item.lead_time) && at > from) {
      const auto due = std::max(from, later(now, *stock->item.lead_time));
      const auto missing = need.quantity - stock->ledger.available(due);
      const Inbound buy{purchase_id(*stock, job_id, op.op_id), missing, due, true};
      state.add_inbound(need.item, buy);
      answer.purchases.emplace_back(need.item, buy);
      at = state.item(need.item)->ledger.earliest(from, need.quantity);
    }
    if (at == kNever) {
      auto status = failed_precondition("NO_MATERIAL", "Item " + need.item + " is short and never comes.");
      status.with({"operations[" + op.op_id + "].materials[" + need.item + "]", "is short and nothing is inbound",
                   "record a receipt or a delivery, or give the item a lead time"});
      return status;
    }
    if (at > answer.ready) {
      answer.ready = at;
      answer.item = need.item;
    }
  }
  return answer;
}

void reserve_materials(PlanState& state, Job& job, const Operation& op, Time at) {
  for (const auto& need : op.materials) {
    job.reservations.push_back({op.op_id, need.item, need.quantity, at});
    state.reserve(job.reservations.back());
  }
}

}  // namespace loomline::planning
