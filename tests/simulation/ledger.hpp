// What all services said, order by order, and whether it may follow what was said before. Hears every event as it is
// committed, causes before their effects; knows nothing of how services keep their states.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "loomline/aftersales/v1/aftersales.pb.h"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/state/v1/state.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/tracking/v1/tracking.pb.h"
#include "loomline/base/time.hpp"

namespace loomline::simulation {

using google::protobuf::Message;
using production::v1::OperationState;
using UnitState = scheduling::state::v1::UnitState;

struct Said {
  std::string source, topic, key, id;
  Time recorded;
  std::shared_ptr<const Message> event;
};

struct Shipment {
  std::string plant;
  production::v1::ShipmentState state{};
  std::set<std::string> units;
};
struct Line {
  std::string plant;
  std::int64_t quantity = 0;
  bool scheduled = false, material = false, certified = false;
  std::string promise;
  std::uint32_t promise_revision = 0;
};
struct Unit {
  std::string line;
  UnitState state{};
};
struct Inspection {
  std::string unit, op, nonconformity;
  std::uint32_t attempt = 0;
  quality::v1::InspectionState state{};
  quality::v1::Disposition disposition{};
};
struct WorkOrder {
  production::v1::WorkOrderState state{};
  production::v1::WorkOrder offered;
  int batch = 0;  // with which it was heard last
};

struct Order {
  intake::v1::OrderState state{};
  std::string quote;  // in force
  std::set<std::string> quotes;
  std::map<std::string, Line> lines;
  std::map<std::string, Unit> units;
  std::map<std::string, Shipment> shipments;
  std::map<std::string, OperationState> operations;  // "work order/operation"
  std::map<std::string, Inspection> inspections;
  std::set<std::string> measured;  // "unit/operation/attempt" that ended with characteristics
  std::set<std::string> holds, holds_released;
  bool cancellation_asked = false, cancellation_declined = false, granted = false;
  std::set<std::string> plants;  // that make something of it
  bool survey_asked = false, survey_over = false;
  std::uint64_t revision = 0;  // of its progress
  tracking::v1::JourneyStatus status{};
  std::vector<Said> facts;  // what tracking folds

  std::set<std::string> counting(const std::string& plant) const;
};

class Ledger {
 public:
  explicit Ledger(std::function<void(const std::string&)> broken);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // What was committed between two looks.
  void hear(const std::vector<Said>& batch);
  // When all is at rest: nothing waits without somebody who is to act.
  void check_rest() const;

  // How often each event was said, by full name.
  const std::map<std::string, int>& counts() const { return counts_; }
  const std::map<std::string, Order>& orders() const { return orders_; }
  const Order& order(const std::string& id) const { return orders_.at(id); }
  const std::map<std::string, aftersales::v1::TicketState>& tickets() const { return tickets_; }

 private:
  template <class Event>
  void on(void (Ledger::*taker)(const Event&));
  void hear(const Said& said);
  void require(bool holds, const std::string& what) const;
  std::string name(const std::string& order_id) const { return "order " + order_id + ": "; }

  void listen_to_intake();
  template <class Event>
  void commercial(const Event& event);
  void take(const intake::v1::QuoteIssued& event);
  void take(const intake::v1::OrderPlaced& event);
  void take(const intake::v1::OrderCancellationRequested& event);
  void take(const intake::v1::OrderCancellationDeclined& event);
  void take(const intake::v1::OrderCancelled& event);
  void take(const intake::v1::OrderFulfilled& event);

  void listen_to_plants();
  void take(const scheduling::v1::LineScheduled& event);
  void take(const scheduling::v1::MaterialReady& event);
  void take(const scheduling::v1::PromiseMade& event);
  void take(const scheduling::v1::PromiseRevised& event);
  void promised(const std::string& order_id, const scheduling::v1::Promise& promise);
  void take(const scheduling::v1::UnitReplaced& event);
  void take(const scheduling::v1::UnitCompleted& event);
  void check_released(const Order& order, const std::string& unit_id) const;
  void take(const scheduling::v1::ShipmentPlanned& event);
  void take(const scheduling::v1::ShipmentDispatched& event);
  void take(const scheduling::v1::ShipmentDelivered& event);
  void take(const scheduling::v1::CancellationGranted& event);
  void move(Order& order, const std::string& unit_id, UnitState to);
  void move(Order& order, const std::string& shipment_id, production::v1::ShipmentState to);

  void listen_to_floor();
  void take(const scheduling::v1::OperationProgressed& event);
  void take(const production::v1::WorkOrderOffered& event);
  void take(const production::v1::WorkOrderAnswered& event);
  void take(const production::v1::WorkOrderRecalled& event);
  void take(const production::v1::WorkOrderCompleted& event);
  void begin(Order& order, const scheduling::v1::OperationProgressed& event);
  void check_before(const Order& order, const scheduling::v1::OperationProgressed& event) const;
  void check_work_orders() const;
  void move(const std::string& work_order_id, production::v1::WorkOrderState to);

  void listen_to_quality();
  void take(const quality::v1::InspectionRequested& event);
  void take(const quality::v1::InspectionPassed& event);
  void take(const quality::v1::InspectionFailed& event);
  void take(const quality::v1::DispositionDecided& event);
  void take(const quality::v1::HoldPlaced& event);
  void take(const quality::v1::HoldReleased& event);
  void take(const quality::v1::CertificateIssued& event);
  void decided(const quality::v1::Inspection& inspection);

  void listen_to_others();
  void take(const aftersales::v1::TicketOpened& event);
  void take(const aftersales::v1::TicketChanged& event);
  void take(const aftersales::v1::SurveyRequested& event);
  void take(const aftersales::v1::SurveyAnswered& event);
  void take(const aftersales::v1::SurveyExpired& event);
  void survey_over(const std::string& order_id);
  void take(const tracking::v1::OrderProgressed& event);
  void take(const configuration::v1::ModelVersionPublished& event);
  void take(const scheduling::v1::PlantPublished& event);

  void check_rest(const std::string& id, const Order& order) const;
  void check_made(const std::string& id, const Order& order) const;

  std::function<void(const std::string&)> broken_;
  std::map<std::string, std::function<void(const Message&)>, std::less<>> takers_;
  std::map<std::string, Order> orders_;
  std::map<std::string, WorkOrder> work_orders_;
  std::map<std::string, aftersales::v1::TicketState> tickets_;
  int batch_ = 0;
  std::map<std::string, int> counts_;
  std::map<std::string, std::uint32_t> versions_;  // of models and plants
};

template <class Event>
void Ledger::on(void (Ledger::*taker)(const Event&)) {
  takers_[Event::descriptor()->full_name()] = [this, taker](const Message& event) {
    (this->*taker)(static_cast<const Event&>(event));
  };
}

}  // namespace loomline::simulation
