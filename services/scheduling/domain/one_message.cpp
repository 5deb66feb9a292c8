#include "domain/one_message.hpp"

#include <map>

#include "domain/changes.hpp"
#include "domain/stock.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

using eventing::Parts;
using eventing::PartStore;

void take_line(Order& order, Line& line, PartStore& parts) {
  line.set_spec_key(key_of(line.spec()));
  Parts<ManufacturingSpec> specs(parts);
  if (specs.find(line.spec_key()) == nullptr) specs.add(line.spec_key()) = line.spec();
  line.clear_spec();
  Parts<Unit> units(parts);
  for (auto& unit : *line.mutable_units()) {
    unit.DiscardUnknownFields();  // hashes of before
    adjust(*line.mutable_tally(), Tally(), tally_of(unit));
    units.add(unit_name(order.order_id(), line.line_id(), unit)) = unit;
  }
  line.clear_units();
}

void take_order(PlantState& state, Order& order, PartStore& parts) {
  state.set_orders_counted(state.orders_counted() + 1);
  order.set_number(state.orders_counted());
  for (auto& line : *order.mutable_lines()) {
    take_line(order, line, parts);
    // It was tried with every step: it is once more.
    line.set_tried(0);
  }
  if (order.has_shipment()) {
    order.set_shipment_id(order.shipment().shipment_id());
    Parts<state::v1::Shipment>(parts).add(order.shipment_id()) = order.shipment();
    order.clear_shipment();
  }
  Parts<Order>(parts).add(order.order_id()) = order;
}

void take_stock(state::v1::Stock& stock, PartStore& parts) {
  for (auto& in : *stock.mutable_inbound()) {
    in.set_item_id(stock.item_id());
    Parts<state::v1::Inbound>(parts).add(inbound_name(stock.item_id(), in.inbound_id())) = in;
  }
  stock.clear_inbound();
  Parts<state::v1::Stock>(parts).add(stock.item_id()) = stock;
}

void take_gone(PlantState& state, PartStore& parts) {
  std::map<std::uint64_t, state::v1::Gone> by_change;
  for (const auto& one : state.gone()) by_change[one.changed()].add_work_order_ids(one.work_order_id());
  for (const auto& [changes, list] : by_change) Parts<state::v1::Gone>(parts).add(gone_name(changes)) = list;
  state.set_gone_count(static_cast<std::uint64_t>(state.gone_size()));
  state.clear_gone();
}

void take_delivered(PlantState& state, PartStore& parts) {
  for (auto& shipment : *state.mutable_delivered()) {
    state.set_deliveries(state.deliveries() + 1);
    shipment.set_delivery(state.deliveries());
    Parts<state::v1::Shipment>(parts).add(shipment.shipment_id()) = shipment;
  }
  state.clear_delivered();
}

}  // namespace

bool is_one_message(const PlantState& state) {
  return state.has_plant() || state.orders_size() > 0 || state.downs_size() > 0 || state.stock_size() > 0 ||
         state.delivered_size() > 0 || state.gone_size() > 0;
}

void take_apart(PlantState& state, PartStore& parts) {
  if (state.has_plant()) Parts<v1::Plant>(parts).add(kModelPart) = state.plant();
  for (auto& order : *state.mutable_orders()) take_order(state, order, parts);
  for (const auto& down : state.downs()) Parts<state::v1::Down>(parts).add(down.down_id()) = down;
  for (auto& stock : *state.mutable_stock()) take_stock(stock, parts);
  take_delivered(state, parts);
  take_gone(state, parts);
  state.clear_plant();
  state.clear_orders();
  state.clear_downs();
  state.clear_stock();
}

Board board_of_one_message(const PlantState& state, const PartStore& parts) {
  auto own_state = state;
  auto own_parts = parts.as_they_stand();
  take_apart(own_state, own_parts);
  return *make_board(own_state, own_parts);
}

}  // namespace loomline::scheduling::domain
