// The commercial life of orders, and what must be over in the end.
#include "ledger.hpp"

#include <algorithm>

#include "loomline/intake/lives.hpp"
#include "loomline/wire/enum_name.hpp"

namespace loomline::simulation {

using namespace intake::v1;  // NOLINT: the events, by name

std::set<std::string> Order::counting(const std::string& plant) const {
  std::set<std::string> ids;
  for (const auto& [id, unit] : units) {
    const bool counts = unit.state != scheduling::state::v1::UNIT_STATE_REPLACED &&
                        unit.state != scheduling::state::v1::UNIT_STATE_CANCELLED;
    if (counts && (plant.empty() || lines.at(unit.line).plant == plant)) ids.insert(id);
  }
  return ids;
}

Ledger::Ledger(std::function<void(const std::string&)> broken) : broken_(std::move(broken)) {
  listen_to_intake();
  listen_to_plants();
  listen_to_floor();
  listen_to_quality();
  listen_to_others();
}

void Ledger::require(bool holds, const std::string& what) const {
  if (!holds) broken_(what);
}

void Ledger::hear(const std::vector<Said>& batch) {
  ++batch_;
  for (const auto& said : batch) hear(said);
}

void Ledger::hear(const Said& said) {
  if (said.key.starts_with("ord_") && said.source != "tracking") orders_[said.key].facts.push_back(said);
  const auto& type = said.event->GetDescriptor()->full_name();
  ++counts_[type];
  const auto taker = takers_.find(type);
  if (taker != takers_.end()) taker->second(*said.event);
}

// Where the table of an order's life leads.
template <class Event>
void Ledger::commercial(const Event& event) {
  auto& order = orders_[event.order_id()];
  const std::string what(event.GetDescriptor()->name());
  const auto next = wire::next(intake::order_life, order.state, what);
  require(next.has_value(), name(event.order_id()) + what + " cannot follow " + wire::short_name(order.state));
  if (next) order.state = *next;
}

void Ledger::listen_to_intake() {
  on<RequirementCaptured>(&Ledger::commercial);
  on<ConfirmationAsked>(&Ledger::commercial);
  on<ConfirmationAnswered>(&Ledger::commercial);
  on<RequirementConfirmed>(&Ledger::commercial);
  on<QuoteRefused>(&Ledger::commercial);
  on<QuoteExpired>(&Ledger::commercial);
  on<QuoteIssued>(&Ledger::take);
  on<OrderPlaced>(&Ledger::take);
  on<OrderCancellationRequested>(&Ledger::take);
  on<OrderCancellationDeclined>(&Ledger::take);
  on<OrderCancelled>(&Ledger::take);
  on<OrderFulfilled>(&Ledger::take);
}

void Ledger::take(const QuoteIssued& event) {
  commercial(event);
  auto& order = orders_[event.order_id()];
  order.quote = event.quote_id();
  require(order.quotes.insert(event.quote_id()).second, name(event.order_id()) + "a quote is issued twice");
  order.lines.clear();
  for (const auto& line : event.lines()) {
    order.lines[line.line_id()].quantity = line.quantity();
    order.lines[line.line_id()].plant = line.plant_id();
  }
}

void Ledger::take(const OrderPlaced& event) {
  commercial(event);
  auto& order = orders_[event.order_id()];
  require(event.quote_id() == order.quote, name(event.order_id()) + "placed by another quote than its last");
  require(static_cast<std::size_t>(event.lines_size()) == order.lines.size(),
          name(event.order_id()) + "placed with other lines than quoted");
  for (const auto& line : event.lines())
    require(order.lines.contains(line.line_id()) && order.lines[line.line_id()].quantity == line.quantity(),
            name(event.order_id()) + "line " + line.line_id() + " is not as it was quoted");
}

void Ledger::take(const OrderCancellationRequested& event) {
  commercial(event);
  auto& order = orders_[event.order_id()];
  require(!std::exchange(order.cancellation_asked, true), name(event.order_id()) + "asked to be cancelled twice");
}
void Ledger::take(const OrderCancellationDeclined& event) {
  commercial(event);
  auto& order = orders_[event.order_id()];
  // Nobody is asked once it is known that something has left.
  const bool left = std::any_of(order.shipments.begin(), order.shipments.end(), [](const auto& shipment) {
    return shipment.second.state != production::v1::SHIPMENT_STATE_PLANNED;
  });
  require(std::exchange(order.cancellation_asked, false) || left,
          name(event.order_id()) + "declined what nobody asked");
  order.cancellation_declined = true;
}
void Ledger::take(const OrderCancelled& event) {
  auto& order = orders_[event.order_id()];
  if (order.state == ORDER_STATE_PLACED)
    require(order.granted, name(event.order_id()) + "cancelled, and nobody granted it");
  commercial(event);
  order.cancellation_asked = false;
}
void Ledger::take(const OrderFulfilled& event) {
  commercial(event);
  const auto& order = orders_[event.order_id()];
  for (const auto& unit : order.counting(""))
    require(order.units.at(unit).state == scheduling::state::v1::UNIT_STATE_DELIVERED,
            name(event.order_id()) + "fulfilled, and unit " + unit + " is not delivered");
}

void Ledger::check_rest() const {
  check_work_orders();
  for (const auto& [id, order] : orders_) check_rest(id, order);
}

void Ledger::check_rest(const std::string& id, const Order& order) const {
  require(order.state != ORDER_STATE_PLACED, name(id) + "is placed and never fulfilled, nor cancelled");
  require(!order.cancellation_asked, name(id) + "nobody answers its cancellation");
  for (const auto& hold : order.holds)
    require(order.holds_released.contains(hold), name(id) + "hold " + hold + " is never released");
  for (const auto& line : order.lines)
    require(line.second.scheduled || order.state != ORDER_STATE_FULFILLED,
            name(id) + "line " + line.first + " was never scheduled");
  const bool cancelled = order.state == ORDER_STATE_CANCELLED;
  require(cancelled == (order.status == tracking::v1::JOURNEY_STATUS_CANCELLED),
          name(id) + "its journey ends as " + wire::short_name(order.status) + ", the order as " +
              wire::short_name(order.state));
  if (order.state == ORDER_STATE_FULFILLED) check_made(id, order);
}

// Everything that was ordered was made, inspected, certified, sent, and asked about; nothing besides.
void Ledger::check_made(const std::string& id, const Order& order) const {
  std::map<std::string, std::int64_t> pieces;
  for (const auto& unit : order.counting("")) ++pieces[order.units.at(unit).line];
  for (const auto& [line_id, line] : order.lines) {
    require(pieces[line_id] == line.quantity, name(id) + "line " + line_id + " has " +
                                                  std::to_string(pieces[line_id]) + " units of " +
                                                  std::to_string(line.quantity));
    require(line.certified, name(id) + "line " + line_id + " has no certificate");
    require(line.promise_revision > 0, name(id) + "line " + line_id + " was never promised");
  }
  for (const auto& [inspection_id, inspection] : order.inspections) {
    const auto state = order.units.at(inspection.unit).state;
    require(inspection.state != quality::v1::INSPECTION_STATE_PENDING ||
                state == scheduling::state::v1::UNIT_STATE_REPLACED,
            name(id) + "inspection " + inspection_id + " waits for ever");
  }
  for (const auto& shipment : order.shipments)
    require(shipment.second.state == production::v1::SHIPMENT_STATE_DELIVERED,
            name(id) + "shipment " + shipment.first + " never arrives");
  require(order.survey_asked && order.survey_over, name(id) + "its survey is not over");
  require(order.status == tracking::v1::JOURNEY_STATUS_CLOSED,
          name(id) + "its journey ends as " + wire::short_name(order.status));
}

}  // namespace loomline::simulation
