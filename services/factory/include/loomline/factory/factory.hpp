// The simulated plants and carriers, driven through the public interface: what happened on the floors up to a time is
// told, what must be measured is measured, what waits for a carrier is fetched and brought. Not thread-safe.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/factory/edge_client.hpp"
#include "loomline/factory/floor.hpp"
#include "loomline/factory/labels.hpp"
#include "loomline/factory/outside.hpp"
#include "loomline/factory/quiet.hpp"

namespace loomline::factory {

struct FactoryOptions {
  std::uint64_t seed = 1;
  // Begins every idempotency key: tells the simulations of one installation apart.
  std::string run = "factory";
  double variation = 0.15;
  unsigned rejections_permille = 10;
  RigOptions rig;
  // Nobody else does anything while a step is taken: what a plant did not see then, it need not look for; and one
  // inspection is measured after what followed from the other, so that the same seed tells the same story.
  bool alone = false;
  // By plant id; "" is the first plant.
  std::map<std::string, std::vector<Breakdown>> breakdowns;
  // Where it tells what it told: a JSON object a line, one before each call that changes something (`key`, `method`,
  // `request`) and one after each that was answered with success (`key`, `answer`). Null: nowhere.
  std::ostream* ledger = nullptr;
};

// What the simulated world did, for checks and for the summary.
struct FactoryTotals {
  std::size_t work_orders_accepted = 0, work_orders_rejected = 0, operations_ended = 0, inspections = 0,
              inspections_failed = 0;
  std::size_t breakdowns = 0, shipments_dispatched = 0, shipments_delivered = 0, reports_ignored = 0;
  // Failed inspections by order.
  std::map<std::string, std::size_t> failed_by_order;
};

class Factory {
 public:
  // `mes` carries a token of the role MES, `quiet` one that may ask for quiet. Both outlive the factory.
  Factory(EdgeClient& mes, Quiet& quiet, FactoryOptions options, std::shared_ptr<Labels> labels);

  // Reads the plants. NOT_FOUND names one that is unknown.
  Status open(const std::vector<std::string>& plant_ids);
  // Everything that happened up to `now`, which the business clock has reached; returns when all of it has been applied
  // and nothing follows from it at once.
  Status step(Time now);
  // The caller has moved the business clock: a step of scheduling that changes no plant.
  void clock_advanced();
  // When something happens next by itself.
  std::optional<Time> next_event() const;
  const FactoryTotals& totals() const { return totals_; }
  // Called when a shipment has been dispatched.
  void on_dispatch(std::function<void(const std::string& order_id)> callback) { on_dispatch_ = std::move(callback); }

 private:
  struct Freight {
    std::string shipment_id, order_id;
    Time dispatch{}, delivery{};
    bool dispatched = false;
  };
  struct Site {
    scheduling::Plant plant;
    std::unique_ptr<Floor> floor;
    std::string cursor;  // what the floor knows of the plant's work orders
    std::map<std::string, Freight, std::less<>> freight;
    // Nothing was applied since this site was last listed where the services' counts are still these.
    std::int64_t scheduling_seen = -1, quality_seen = -1;
    std::string shipments_cursor, shipments_seen = "none";
    bool inspections_pending = true;
    bool quality_moved = true;  // has done something since inspections were listed
    // Something that is measured at its end has ended, or was measured: quality may have an inspection for us. Where it
    // has one for another reason (a person asked for it), it is found within hours.
    bool measurable = false;
    Time looked = Time::min();
  };

  // Lists what the plant's services know where it may have changed.
  Status look(Site& site, const Rest& rest, Time now);
  // One pass over a plant; true where something was told.
  Result<bool> visit(Site& site, Time now);
  Result<bool> accept(Site& site, Time now);
  Result<bool> tell_floor(Site& site, Time now);
  static bool ends_what_is_measured(const Site& site, const production::ReportOperationsRequest& request);
  Status send_reports(Site& site, std::vector<production::OperationReport>& batch);
  Result<bool> inspect(Site& site, Time now);
  Result<bool> ship(Site& site, Time now);
  Status report_shipment(Site& site, const Freight& freight, bool delivered);
  Status observe(Site& site, Time now);
  Status observe_work_orders(Site& site, Time now);
  Status observe_shipments(Site& site, Time now);
  Status settle(Time now);
  // A write, under the next idempotency key.
  template <class Response, class Request>
  Result<Response> tell(std::string_view method, const Request& request) {
    const auto key = options_.run + "-mes-" + std::to_string(++told_);
    note(key, method, request, "request");
    auto answer = mes_->call<Response>(method, request, key);
    if (answer.ok()) note(key, method, *answer, "answer");
    return answer;
  }
  // A line of the ledger, out of the process when this returns.
  void note(const std::string& key, std::string_view method, const google::protobuf::Message& message,
            std::string_view as) const;

  EdgeClient* mes_;
  Quiet* quiet_;
  FactoryOptions options_;
  Draws draws_;
  std::shared_ptr<Labels> labels_;
  std::vector<std::unique_ptr<Site>> sites_;
  FactoryTotals totals_;
  std::function<void(const std::string&)> on_dispatch_;
  std::uint64_t told_ = 0;
};

}  // namespace loomline::factory
