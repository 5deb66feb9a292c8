#include "life.hpp"

#include "journeys.hpp"
#include "loomline/aftersales/service.hpp"
#include "loomline/configuration/service.hpp"
#include "loomline/intake/service.hpp"
#include "loomline/quality/service.hpp"
#include "loomline/scheduling/service.hpp"
#include "loomline/tracking/service.hpp"
#include "products.hpp"

namespace loomline::simulation {
namespace {

std::shared_ptr<const Message> parse(const eventing::Committed& committed) {
  using namespace google::protobuf;  // NOLINT: its pools
  const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(committed.type);
  std::shared_ptr<Message> event(MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!event->ParseFromString(committed.body)) throw std::logic_error("an event cannot be read: " + committed.type);
  return event;
}

}  // namespace

std::vector<eventing::Service> make_services() {
  std::vector<eventing::Service> services;
  for (auto make : {intake::make_service, configuration::make_service, scheduling::make_service,
                    quality::make_service, aftersales::make_service, tracking::make_service})
    services.push_back(make());
  return services;
}

Life::Life(std::uint64_t seed, Plan plan, std::vector<eventing::Service> services)
    : Simulation(seed, plan, std::move(services)), ledger_([this](const std::string& rule) { broken(rule); }),
      waiting_(*this) {
  for (const auto& [name, service] : world().services())
    readers_[name] = std::make_unique<eventing::sim::MemoryReader>(*service->store);
}

Status Life::Waiting::execute(std::string_view method, const eventing::Message& request, eventing::Message& response,
                              const Options& options) {
  return life_.call_and_wait("intake", std::string(method), request, response, options.idempotency_key);
}
Time Life::Waiting::now() const { return life_.world().business().now(); }

bool Life::is_refusal(const Status& status) const {
  return status.code() == Code::invalid_argument || status.code() == Code::failed_precondition ||
         status.code() == Code::not_found || status.code() == Code::already_exists ||
         status.code() == Code::out_of_range || status.code() == Code::internal;
}

// Hours, and now and then days: quotes run out, surveys are asked.
Duration Life::clock_step() {
  if (dice().chance(6)) return std::chrono::hours(24 * (1 + dice().below(20)));
  return std::chrono::minutes(10 + dice().below(180));
}

void Life::ask() {
  if (!published_) return publish();
  const auto& plant_id = dice().one_of(kPlants);
  switch (dice().below(14)) {
    case 0: case 1: case 2:
      return customer();
    case 3: case 4: case 5: case 6: case 7: case 8:
      return floor(plant_id, false);
    case 9: case 10:
      return inspect(plant_id, false);
    case 11:
      return dispose(plant_id, false);
    case 12:
      return carry(plant_id, false);
    default:
      return staff(plant_id);
  }
}

void Life::committed(const std::vector<Event>& events) {
  std::vector<Said> batch;
  for (const auto& event : events)
    batch.push_back({event.by->service.name(), event.chain->topic, event.committed->key, event.id,
                     event.committed->time, parse(*event.committed)});
  ledger_.hear(batch);
}

void Life::acknowledged(const Call& call) {
  if (call.method != "intake.Capture") return;
  orders_.push_back(static_cast<const intake::v1::CaptureRequirementResponse&>(*call.response).order_id());
}

}  // namespace loomline::simulation
