#include "loomline/factory/factory.hpp"

#include <google/protobuf/util/json_util.h>
#include <loomline/scheduling/v1/scheduling.pb.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "loomline/wire/convert.hpp"

namespace loomline::factory {

namespace {

constexpr std::string_view kProduction = "loomline.production.v1.ProductionService.";

constexpr std::chrono::hours kLookAround{4};

bool is_open(const production::WorkOrder& order) {
  return order.state() != production::WORK_ORDER_STATE_COMPLETED &&
         order.state() != production::WORK_ORDER_STATE_RECALLED;
}

std::int64_t steps_of(const Rest& rest, std::string_view service) {
  const auto found = rest.steps.find(service);
  return found == rest.steps.end() ? 0 : found->second;
}

std::string production_method(std::string_view name) { return std::string(kProduction) + std::string(name); }

}  // namespace

Factory::Factory(EdgeClient& mes, Quiet& quiet, FactoryOptions options, std::shared_ptr<Labels> labels)
    : mes_(&mes), quiet_(&quiet), options_(std::move(options)), draws_(options_.seed), labels_(std::move(labels)) {}

Status Factory::open(const std::vector<std::string>& plant_ids) {
  for (const auto& plant_id : plant_ids) {
    scheduling::GetPlantRequest request;
    request.set_plant_id(plant_id);
    auto plant = mes_->call<scheduling::GetPlantResponse>("loomline.scheduling.v1.SchedulingService.GetPlant", request);
    if (!plant.ok()) return plant.status();
    FloorOptions floor_options{options_.variation, options_.rejections_permille, options_.breakdowns[plant_id]};
    if (sites_.empty())
      for (const auto& breakdown : options_.breakdowns[""]) floor_options.breakdowns.push_back(breakdown);
    auto floor = Floor::make(plant->plant(), std::move(floor_options), draws_, labels_);
    if (!floor.ok()) return floor.status();
    auto site = std::make_unique<Site>();
    site->plant = plant->plant();
    site->floor = std::move(floor).value();
    sites_.push_back(std::move(site));
  }
  return {};
}

Status Factory::step(Time now) {
  // A plant that never comes to rest at one instant is a fault of the simulation or the services, not a long day.
  constexpr int kMostRounds = 200;
  std::set<const Site*> told;
  for (int round = 0; round < kMostRounds; ++round) {
    auto rest = quiet_->settle(now);
    if (!rest.ok()) return rest.status();
    const auto before = std::exchange(told, {});
    for (auto& site : sites_) {
      // Within one instant a plant changes by what it was told; what another plant did to it is seen at the next.
      if (round == 0 || before.contains(site.get()))
        if (auto status = look(*site, *rest, now); !status.ok()) return status;
      auto active = visit(*site, now);
      if (!active.ok()) return active.status();
      if (*active) told.insert(site.get());
    }
    if (!told.empty()) continue;
    // What the plants told changed themselves.
    if (options_.alone)
      for (auto& site : sites_) site->scheduling_seen = steps_of(*rest, "scheduling");
    return {};
  }
  return internal("The plants do not come to rest at " + format_rfc3339(now));
}

void Factory::clock_advanced() {
  for (auto& site : sites_) ++site->scheduling_seen;
}

std::optional<Time> Factory::next_event() const {
  std::optional<Time> next;
  const auto offer = [&next](Time at) {
    if (!next || at < *next) next = at;
  };
  for (const auto& site : sites_) {
    if (const auto at = site->floor->next_event()) offer(*at);
    for (const auto& [id, freight] : site->freight) offer(freight.dispatched ? freight.delivery : freight.dispatch);
  }
  return next;
}

Status Factory::look(Site& site, const Rest& rest, Time now) {
  if (const auto count = steps_of(rest, "scheduling"); count != site.scheduling_seen) {
    if (auto status = observe(site, now); !status.ok()) return status;
    site.scheduling_seen = count;
  }
  if (const auto count = steps_of(rest, "quality"); count != site.quality_seen) {
    site.quality_seen = count;
    site.quality_moved = true;
    site.inspections_pending = site.inspections_pending || site.measurable;
  }
  const bool long_ago = now >= site.looked + kLookAround && site.quality_moved;
  if (site.looked == Time::min() || long_ago) site.inspections_pending = true;
  return {};
}

Result<bool> Factory::visit(Site& site, Time now) {
  auto accepted = accept(site, now);
  // What was just accepted may start in this very quarter, but only after the services know that it was.
  if (!accepted.ok() || *accepted) return accepted;
  bool told = false;
  for (const auto act : {&Factory::tell_floor, &Factory::inspect, &Factory::ship}) {
    auto active = (this->*act)(site, now);
    if (!active.ok()) return active;
    told = told || *active;
  }
  return told;
}

// Only what has changed since the last time; everything where the plant no longer knows.
Status Factory::observe_work_orders(Site& site, Time now) {
  production::ListWorkOrdersRequest request;
  request.set_plant_id(site.plant.plant_id());
  request.set_since(site.cursor);
  std::string cursor;
  std::map<std::string, production::WorkOrder> open;  // a page may say again what one before it said
  std::set<std::string> gone;
  do {
    auto page = mes_->call<production::ListWorkOrdersResponse>(production_method("ListWorkOrders"), request);
    if (!page.ok() && page.status().reason() == "CURSOR_TOO_OLD") {
      site.cursor.clear();
      return observe_work_orders(site, now);
    }
    if (!page.ok()) return page.status();
    if (cursor.empty()) {
      cursor = page->cursor();
      site.shipments_cursor = page->shipments_cursor();
    }
    for (auto& order : *page->mutable_work_orders()) {
      const auto id = order.work_order_id();
      const bool now_open = is_open(order);
      if (now_open) {
        open[id] = std::move(order);
        gone.erase(id);
      } else {
        open.erase(id);
        gone.insert(id);
      }
    }
    for (const auto& id : page->gone_work_order_ids()) {
      open.erase(id);
      gone.insert(id);
    }
    request.set_after(page->next_after());
  } while (!request.after().empty());
  if (site.cursor.empty())
    for (auto& id : site.floor->work_order_ids())
      if (!open.contains(id)) gone.insert(std::move(id));
  site.cursor = std::move(cursor);
  std::vector<production::WorkOrder> changed;
  changed.reserve(open.size());
  for (auto& [id, order] : open) changed.push_back(std::move(order));
  site.floor->observe(now, std::move(changed), {gone.begin(), gone.end()});
  return {};
}

Status Factory::observe(Site& site, Time now) {
  if (auto status = observe_work_orders(site, now); !status.ok()) return status;
  if (site.shipments_cursor == site.shipments_seen) return {};
  if (auto status = observe_shipments(site, now); !status.ok()) return status;
  site.shipments_seen = site.shipments_cursor;
  return {};
}

Status Factory::observe_shipments(Site& site, Time now) {
  production::ListShipmentsRequest request;
  request.set_plant_id(site.plant.plant_id());
  auto list = mes_->call<production::ListShipmentsResponse>(production_method("ListShipments"), request);
  if (!list.ok()) return list.status();
  std::set<std::string, std::less<>> open;
  for (const auto& shipment : list->shipments()) {
    open.insert(shipment.shipment_id());
    if (site.freight.contains(shipment.shipment_id()) || shipment.state() == production::SHIPMENT_STATE_DELIVERED)
      continue;
    const std::string label = labels_->order(shipment.order_id());
    Freight freight{shipment.shipment_id(), shipment.order_id(), {}, {}, false};
    freight.dispatched = shipment.state() == production::SHIPMENT_STATE_DISPATCHED;
    freight.dispatch = freight.dispatched ? wire::to_time(shipment.dispatched_at())
                                          : std::max(wire::to_time(shipment.planned_dispatch()), now);
    freight.delivery = freight.dispatch + transit(leg_to(site.plant, shipment.country()), label, draws_);
    site.freight.emplace(shipment.shipment_id(), std::move(freight));
  }
  std::erase_if(site.freight, [&](const auto& entry) { return !open.contains(entry.first); });
  return {};
}

Result<bool> Factory::accept(Site& site, Time now) {
  auto answers = site.floor->answers();
  if (answers.empty()) return false;
  // Each call answers what the contract allows at once.
  constexpr std::size_t kBatch = 500;
  for (std::size_t at = 0; at < answers.size(); at += kBatch) {
    production::AnswerWorkOrdersRequest request;
    request.set_plant_id(site.plant.plant_id());
    for (std::size_t i = at; i < std::min(at + kBatch, answers.size()); ++i) *request.add_answers() = answers[i];
    auto answer = tell<production::AnswerWorkOrdersResponse>(production_method("AnswerWorkOrders"), request);
    if (!answer.ok()) return answer.status();
    const auto& outdated = answer->outdated_work_order_ids();
    for (const auto& said : request.answers())
      if (std::find(outdated.begin(), outdated.end(), said.work_order_id()) == outdated.end())
        (said.accepted() ? totals_.work_orders_accepted : totals_.work_orders_rejected) += 1;
  }
  if (auto status = settle(now); !status.ok()) return status;
  return true;
}

Result<bool> Factory::tell_floor(Site& site, Time now) {
  const auto reports = site.floor->advance(now);
  std::vector<production::OperationReport> batch;
  for (const auto& report : reports) {
    if (const auto* operation = std::get_if<production::OperationReport>(&report)) {
      batch.push_back(*operation);
      continue;
    }
    if (auto status = send_reports(site, batch); !status.ok()) return status;
    auto answer = tell<production::ReportEquipmentResponse>(production_method("ReportEquipment"),
                                                            std::get<production::ReportEquipmentRequest>(report));
    if (!answer.ok()) return answer.status();
    if (auto status = settle(now); !status.ok()) return status;
  }
  if (auto status = send_reports(site, batch); !status.ok()) return status;
  totals_.breakdowns = totals_.operations_ended = 0;
  for (const auto& each : sites_) {
    totals_.breakdowns += each->floor->breakdowns_begun();
    totals_.operations_ended += each->floor->operations_ended();
  }
  if (reports.empty()) return false;
  if (auto status = settle(now); !status.ok()) return status;
  return true;
}

bool Factory::ends_what_is_measured(const Site& site, const production::ReportOperationsRequest& request) {
  return std::any_of(request.reports().begin(), request.reports().end(), [&](const auto& report) {
    const auto* order = site.floor->find(report.work_order_id());
    if (report.state() != production::OPERATION_STATE_ENDED || order == nullptr) return false;
    const auto& operations = order->operations();
    return std::any_of(operations.begin(), operations.end(), [&](const auto& operation) {
      return operation.op_id() == report.op_id() && operation.characteristic_ids_size() > 0;
    });
  });
}

Status Factory::send_reports(Site& site, std::vector<production::OperationReport>& batch) {
  constexpr std::size_t kBatch = 500;
  for (std::size_t at = 0; at < batch.size(); at += kBatch) {
    production::ReportOperationsRequest request;
    request.set_plant_id(site.plant.plant_id());
    for (std::size_t i = at; i < std::min(at + kBatch, batch.size()); ++i) *request.add_reports() = batch[i];
    auto answer = tell<production::ReportOperationsResponse>(production_method("ReportOperations"), request);
    if (!answer.ok()) return answer.status();
    site.measurable = site.measurable || ends_what_is_measured(site, request);
    for (const auto& ignored : answer->ignored()) {
      ++totals_.reports_ignored;
      if (ignored.index() < static_cast<unsigned>(request.reports_size()))
        site.floor->retract(request.reports(static_cast<int>(ignored.index())));
    }
  }
  batch.clear();
  return {};
}

// Where we are alone, one at a time: what quality decides changes the plan, so its order must be ours and not the
// network's.
Result<bool> Factory::inspect(Site& site, Time now) {
  if (!site.inspections_pending) return false;
  site.inspections_pending = site.measurable = site.quality_moved = false;
  site.looked = now;
  quality::ListInspectionsRequest request;
  request.set_plant_id(site.plant.plant_id());
  std::vector<std::pair<std::string, quality::Inspection>> pending;
  do {
    auto list =
        mes_->call<quality::ListInspectionsResponse>("loomline.quality.v1.QualityService.ListInspections", request);
    if (!list.ok()) return list.status();
    for (auto& inspection : *list->mutable_inspections())
      if (inspection.state() == quality::INSPECTION_STATE_PENDING) {
        auto label = labels_->unit(inspection.order_id(), inspection.unit_id()) + "/" + inspection.op_id();
        pending.emplace_back(std::move(label), std::move(inspection));
      }
    request.mutable_page()->set_page_token(list->next_page_token());
  } while (!request.page().page_token().empty());
  std::sort(pending.begin(), pending.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [label, inspection] : pending) {
    const auto measured =
        measure(inspection, labels_->unit(inspection.order_id(), inspection.unit_id()), options_.rig, draws_);
    quality::RecordMeasurementsRequest record;
    record.set_order_id(inspection.order_id());
    record.set_inspection_id(inspection.inspection_id());
    *record.mutable_occurred_at() = wire::to_timestamp(now);
    for (const auto& value : measured.values) *record.add_measurements() = value;
    auto answer =
        tell<quality::RecordMeasurementsResponse>("loomline.quality.v1.QualityService.RecordMeasurements", record);
    if (!answer.ok()) return answer.status();
    ++totals_.inspections;
    if (measured.fails) {
      ++totals_.inspections_failed;
      ++totals_.failed_by_order[inspection.order_id()];
    }
    if (!options_.alone) continue;
    if (auto status = settle(now); !status.ok()) return status;
  }
  return !pending.empty();
}

Result<bool> Factory::ship(Site& site, Time now) {
  bool told = false;
  std::vector<Freight*> due;
  for (auto& [id, freight] : site.freight)
    if ((freight.dispatched ? freight.delivery : freight.dispatch) <= now) due.push_back(&freight);
  std::sort(due.begin(), due.end(), [this](const Freight* a, const Freight* b) {
    return labels_->order(a->order_id) < labels_->order(b->order_id);
  });
  for (auto* freight : due) {
    const bool delivered = freight->dispatched;
    if (auto status = report_shipment(site, *freight, delivered); !status.ok()) return status;
    told = true;
    (delivered ? totals_.shipments_delivered : totals_.shipments_dispatched) += 1;
    freight->dispatched = true;
    if (!delivered && on_dispatch_) on_dispatch_(freight->order_id);
  }
  std::erase_if(site.freight,
                [&](const auto& entry) { return entry.second.dispatched && entry.second.delivery <= now; });
  if (!told) return false;
  if (auto status = settle(now); !status.ok()) return status;
  return true;
}

Status Factory::report_shipment(Site& site, const Freight& freight, bool delivered) {
  production::ReportShipmentRequest report;
  report.set_plant_id(site.plant.plant_id());
  report.set_shipment_id(freight.shipment_id);
  report.set_state(delivered ? production::SHIPMENT_STATE_DELIVERED : production::SHIPMENT_STATE_DISPATCHED);
  *report.mutable_occurred_at() = wire::to_timestamp(delivered ? freight.delivery : freight.dispatch);
  const std::string label = labels_->order(freight.order_id);
  report.mutable_waybill()->set_system("carrier");
  report.mutable_waybill()->set_type("waybill");
  report.mutable_waybill()->set_id("WB" + std::to_string(draws_.below("waybill/" + label, 900'000'000) + 100'000'000));
  auto answer = tell<production::ReportShipmentResponse>(production_method("ReportShipment"), report);
  return answer.ok() ? Status() : answer.status();
}

void Factory::note(const std::string& key, std::string_view method, const google::protobuf::Message& message,
                   std::string_view as) const {
  if (options_.ledger == nullptr) return;
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  std::string body;
  if (!google::protobuf::util::MessageToJsonString(message, &body, print).ok()) return;
  *options_.ledger << R"({"key":")" << key << R"(","method":")" << method << R"(",")" << as << R"(":)" << body << "}\n"
                   << std::flush;
}

Status Factory::settle(Time now) {
  auto rest = quiet_->settle(now);
  return rest.ok() ? Status() : rest.status();
}

}  // namespace loomline::factory
