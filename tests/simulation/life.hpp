// A life of Loomline decided by a seed: the six services as production builds them, in the kernel's simulated world,
// and the customers, the floor, the carriers and the staff of two small plants.
#pragma once

#include "doors.hpp"
#include "ledger.hpp"
#include "loomline/rpc/query.hpp"
#include "tests/sim/memory_reader.hpp"
#include "tests/sim/simulation.hpp"

namespace loomline::simulation {

using eventing::sim::Plan;

// The services; a mistake may have been put into them.
std::vector<eventing::Service> make_services();

class Life final : public eventing::sim::Simulation {
 public:
  explicit Life(std::uint64_t seed, Plan plan = kPlan, std::vector<eventing::Service> services = make_services());
  static constexpr Plan kPlan{.moves = 2500, .faults = 1, .asks = 25, .broker_loses = false};

  const Ledger& ledger() const { return ledger_; }

 private:
  // Executes intake's commands for a caller who waits, while everything else goes on.
  class Waiting final : public Executor {
   public:
    explicit Waiting(Life& life) : life_(life) {}
    Status execute(std::string_view method, const eventing::Message& request, eventing::Message& response,
                   const Options& options) override;
    Time now() const override;

   private:
    Life& life_;
  };

  void ask() override;
  bool is_refusal(const Status& status) const override;
  Duration clock_step() override;
  void committed(const std::vector<Event>& events) override;
  void acknowledged(const Call& call) override;
  void check_services() override;
  void end() override;

  // By method, with the type that answers it.
  template <class Response, class Request>
  void call(std::string service, std::string method, const Request& request, const std::string& says) {
    issue(std::move(service), std::move(method), request, Response()).says = says;
  }
  template <class Response, class Request>
  void call(std::string service, const Request& request, const std::string& says = {}) {
    call<Response>(std::move(service), rpc::method_of<Request>(), request, says);
  }
  Reader& reader(const std::string& service) { return *readers_.at(service); }

  void publish();

  // Customers, by what stands in the ledger of one of their orders.
  void customer();
  void customer_of(const std::string& order_id);
  void after_placing(const std::string& order_id, const Order& order);
  void capture();
  void answer(const std::string& order_id);
  void question(const std::string& order_id);
  void quote(const std::string& order_id);
  void place(const std::string& order_id, const std::string& quote_id);
  void cancel(const std::string& order_id);
  void answer_survey(const std::string& order_id);
  void open_ticket(const std::string& order_id);

  // A plant's floor, inspectors, carriers and staff. `all`: everything that can be done now is.
  void floor(const std::string& plant_id, bool all);
  void answer_offers(const std::string& plant_id, const production::v1::ListWorkOrdersResponse& list, bool all);
  void report(const std::string& plant_id, const production::v1::ListWorkOrdersResponse& list, bool all);
  production::v1::OperationReport report_of(const production::v1::WorkOrder& order,
                                            const production::v1::WorkOrderOperation& op, bool smooth);
  void inspect(const std::string& plant_id, bool all);
  void measure(const quality::v1::Inspection& inspection);
  void dispose(const std::string& plant_id, bool all);
  void carry(const std::string& plant_id, bool all);
  void staff(const std::string& plant_id);
  void equipment(const std::string& plant_id, const std::string& equipment_id, bool available);
  void supply(const std::string& plant_id, int pieces);
  void update_ticket();

  // After the faults: everybody does what is to be done, until nothing is.
  void play_out();
  void decide_wishes();
  bool over() const;
  void check_effect(const Call& call);
  void check_stores();
  void check_journeys();

  Ledger ledger_;
  std::map<std::string, std::unique_ptr<eventing::sim::MemoryReader>> readers_;
  Waiting waiting_;
  bool published_ = false;
  int captures_ = 0;
  std::vector<std::string> orders_;                   // that customers know of
  std::map<std::string, std::string> quoting_;        // by order: the key of a quote that was not answered
  std::map<std::string, std::string> quoted_;         // by quote: its order, as it was acknowledged
  std::map<std::string, std::uint32_t> report_numbers_;
  std::map<std::string, production::v1::ListWorkOrdersResponse> work_orders_;  // by plant, as the floor saw them last
  int quotes_ = 0, warranty_ = 0;
};

}  // namespace loomline::simulation
