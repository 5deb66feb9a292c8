#include "materials.hpp"

#include <algorithm>

namespace loomline::planning {
namespace {

constexpr std::string_view kBuy = "buy:";

std::string purchase_id(const ItemState& stock, const std::string& job_id, const std::string& op_id) {
  const auto base = std::string(kBuy) + job_id + ":" + op_id;
  auto id = base;
  for (int n = 2; stock.inbound.contains(id); ++n) id = base + ":" + std::to_string(n);
  return id;
}

std::vector<Need> lacking(const JobRecord& record, std::size_t i) {
  std::vector<Need> needs;
  for (const auto& need : record.job.demand.operations[i].materials)
    if (!record.reserved(i, need.item)) needs.push_back(need);
  return needs;
}

}  // namespace

Supply find_supply(const ItemState& stock, const Ledger& ledger, std::int64_t quantity, Time from, Time now,
                   const std::string& job_id, const std::string& op_id) {
  const auto at = ledger.earliest(from, quantity);
  if (!stock.lead_time || at <= later(now, *stock.lead_time) || at <= from) return {at, {}};
  const auto due = std::max(from, later(now, *stock.lead_time));
  Inbound buy{purchase_id(stock, job_id, op_id), quantity - ledger.available(due), due, true};
  auto with = ledger;
  with.supply(due, buy.quantity);
  return {with.earliest(from, quantity), std::move(buy)};
}

Status no_material(const std::string& op_id, const std::string& item) {
  auto status = failed_precondition("NO_MATERIAL", "Item " + item + " is short and never comes.");
  status.with({"operations[" + op_id + "].materials[" + item + "]", "is short and nothing is inbound",
               "record a receipt or a delivery, or give the item a lead time"});
  return status;
}

Result<MaterialAnswer> material_ready(PlanState& state, const OpRef& op, Time from, Time now) {
  MaterialAnswer answer{from, {}, {}};
  const auto op_id = state.record(op).job.operations[op.index].op_id;
  for (const auto& need : lacking(state.record(op), op.index)) {
    const auto& stock = *state.item(need.item);
    const auto supply = find_supply(stock, stock.ledger, need.quantity, from, now, *op.job, op_id);
    if (supply.at == kNever) {
      for (const auto& [item, id] : answer.bought) state.drop_inbound(item, id);
      return no_material(op_id, need.item);
    }
    if (supply.buy) {
      state.add_inbound(need.item, *supply.buy);
      answer.bought.emplace_back(need.item, supply.buy->id);
    }
    if (supply.at <= answer.ready) continue;
    answer.ready = supply.at;
    answer.item = need.item;
  }
  return answer;
}

bool ever_supplied(const PlanState& state, const OpRef& op) {
  const auto needs = lacking(state.record(op), op.index);
  return std::all_of(needs.begin(), needs.end(), [&](const Need& need) {
    const auto& stock = *state.item(need.item);
    return stock.lead_time || stock.ledger.available(kNever) >= need.quantity;
  });
}

void reserve_materials(PlanState& state, const OpRef& op, Time at) {
  for (const auto& need : lacking(state.record(op), op.index)) state.reserve(op, need, at);
}

void shift_reservations(PlanState& state, const OpRef& op, Time at) {
  auto& job = state.write(op.job).job;
  const auto& op_id = job.operations[op.index].op_id;
  for (auto& r : job.reservations) {
    if (r.op_id != op_id || r.at == at) continue;
    auto& ledger = state.write_item(r.item).ledger;
    ledger.reserve(r.at, op, -r.quantity);
    ledger.reserve(at, op, r.quantity);
    r.at = at;
  }
}

void drop_purchases(PlanState& state, std::string_view job_id) {
  const auto prefix = std::string(kBuy) + std::string(job_id) + ":";
  std::vector<std::pair<std::string, std::string>> bought;
  for (auto it = state.purchases.lower_bound(std::pair(prefix, std::string()));
       it != state.purchases.end() && it.key().first.starts_with(prefix); ++it)
    bought.push_back(it.key());
  for (const auto& [id, item] : bought) {
    const auto& stock = *state.item(item);
    const auto& in = *stock.inbound.find(id);
    if (stock.ledger.available(in.due) >= in.quantity) state.drop_inbound(item, id);
  }
}

}  // namespace loomline::planning
