#include "loomline/eventing/runtime.hpp"

#include <stdexcept>

#include "loomline/base/id.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/commit/postgres_steps.hpp"
#include "src/hear/kafka_refill_line.hpp"
#include "src/hear/unknown.hpp"
#include "src/operate/activity.hpp"
#include "src/operate/chain_operator.hpp"
#include "src/operate/operator.hpp"
#include "src/operate/prepare.hpp"
#include "src/operate/reader.hpp"
#include "src/publish/kafka_outlet.hpp"
#include "src/publish/postgres_chains.hpp"
#include "src/work/commands.hpp"
#include "src/work/group.hpp"

namespace loomline::eventing {
namespace {

// All of a running service. Threads whose handlers do not end may outlive the Runtime that its user has; they hold
// this.
class Running final : public std::enable_shared_from_this<Running> {
 public:
  Running(Service service, eventing::Options options)
      : service_(std::move(service)),
        options_(std::move(options)),
        instance_(options_.instance.empty() ? random_hex128() : options_.instance),
        registry_(service_, Catalog::current()),
        database_(postgres::with_database(options_.postgres, options_.installation + service_.name())),
        pool_(database_options(database_, service_.name()), static_cast<std::size_t>(options_.workers + 10)),
        chains_(pool_, registry_, options_.partitions),
        outlet_(options_.kafka, options_.installation, service_.name()),
        publisher_(registry_, chains_, outlet_, instance_, clocks_),
        refill_line_(options_.kafka, options_.installation, service_.name(), options_.partitions),
        gaps_(registry_, chains_, publisher_, refill_line_, clocks_) {}

  ~Running() { stop(); }

  void start() {
    const telemetry::ServiceScope scope(service_.name());
    prepare_database(service_, options_, database_, options_.partitions);
    prepare_topics(registry_, options_);
    offer_unknown(pool_, registry_);
    clock_ = BusinessClock::of(options_.clock, options_.kafka, options_.installation);
    engine_.reset(new Engine{registry_,
                             steps_,
                             publisher_,
                             *clock_,
                             gaps_,
                             instance_,
                             options_.installation,
                             options_.partitions,
                             {options_.step_budget, options_.slow_handler, options_.endless_handler,
                              options_.resident_bytes / static_cast<std::size_t>(std::max(1, options_.workers))},
                             snapshots_,
                             clocks_,
                             shared_from_this()});
    group_ = std::make_unique<Group>(*engine_, options_.kafka, options_.instance, options_.workers);
    commands_ =
        std::make_unique<Commands>(*engine_, [this](int lane) -> LaneWorker& { return group_->worker_of(lane); });
    activity_ = std::make_unique<Activity>(*engine_, pool_, *group_, *commands_);
    engine_->on_timer = [this](Time due) { group_->timer_set(due); };
    if (!clock_->is_wall()) clock_subscription_ = clock_->subscribe([this] { group_->wake_timers(clock_->now()); });
    publisher_.start();
    gaps_.start();
    group_->start();
    started_ = true;
    telemetry::log_info("service started", {telemetry::field::id("instance", instance_)});
  }

  void stop() {
    if (!started_.exchange(false)) return;
    clock_subscription_.reset();
    group_->stop();
    gaps_.stop();
    publisher_.stop(std::chrono::seconds(5));
  }

  const Service& service() const { return service_; }
  Reader& reader() { return reader_; }
  std::unique_ptr<Listening> listen(std::string kind, Runtime::OnChange on_change) {
    return snapshots_.listen(std::move(kind), std::move(on_change));
  }
  const std::string& database() const { return database_; }
  Time now() const { return clock_->now(); }

  Status execute(std::string_view method, const Message& request, Message& response, const Executor::Options& options) {
    if (!started_) return shutting_down();
    return commands_->execute(method, request, response, options);
  }

  bool ready(std::string* why_not) const {
    const auto no = [&](const std::string& reason) {
      if (why_not != nullptr) *why_not = reason;
      return false;
    };
    if (!started_) return no("not started or shutting down");
    if (!group_->assigned()) return no("no partitions are assigned yet");
    if (const auto lanes = group_->stalled_lanes(); !lanes.empty()) return no(describe(lanes));
    if (publisher_.congested()) return no("too much waits to be published");
    try {
      pool_.acquire(std::chrono::milliseconds(1000))->exec("SELECT 1");
    } catch (const std::exception&) {
      return no("the database does not answer");
    }
    return true;
  }

  bool live(std::string* why_not) const { return !started_ || group_->live(why_not); }
  int lost_threads() const { return engine_ ? engine_->lost_threads.load() : 0; }

  bool await(std::string_view positions, std::chrono::milliseconds patience) {
    return await_positions(pool_, registry_, positions, patience,
                           [this](const auto&... what) { return group_->has_passed(what...); });
  }

  Pulse pulse();
  bool busy();
  std::int64_t steps() const { return engine_->steps; }
  Position consumed(int topic, int partition) const { return group_->position(topic, partition); }
  Result<common::v1::GetActivityResponse> activity(bool with_positions) { return activity_->tell(with_positions); }

  Result<common::v1::ListDeadLettersResponse> dead_letters(bool include_closed) {
    return list_dead_letters(*engine_, pool_, include_closed);
  }
  Result<common::v1::DeadLetter> replay(std::string_view id, std::string_view note) {
    return resolve_dead_letter(*engine_, pool_, id, note, Decision::replay);
  }
  Result<common::v1::DeadLetter> drop(std::string_view id, std::string_view note) {
    return resolve_dead_letter(*engine_, pool_, id, note, Decision::drop);
  }

  Result<common::v1::ListChainsResponse> chains(std::string_view topic) { return list_chains(*engine_, pool_, topic); }
  Result<common::v1::ChainStatus> refill(const common::v1::RefillChainRequest& request) {
    return refill_chain(*engine_, pool_, request);
  }
  Result<common::v1::ChainStatus> skip(const common::v1::SkipChainRequest& request) {
    return skip_chain(*engine_, pool_, request);
  }

 private:
  Service service_;
  eventing::Options options_;
  std::string instance_;
  Registry registry_;
  std::string database_;
  mutable postgres::Pool pool_;
  Snapshots snapshots_;
  StateReader reader_{pool_, registry_, snapshots_, [this] { return publisher_.alone(); }};
  Clocks clocks_;
  PostgresSteps steps_{pool_, registry_};
  PostgresChains chains_;
  KafkaOutlet outlet_;
  Publisher publisher_;
  KafkaRefillLine refill_line_;
  GapDesk gaps_;
  std::shared_ptr<BusinessClock> clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Group> group_;
  std::unique_ptr<Commands> commands_;
  std::unique_ptr<Activity> activity_;
  std::unique_ptr<BusinessClock::Subscription> clock_subscription_;
  std::atomic<bool> started_{false};
};

// In this order: what ends in one place begins in the next.
bool Running::busy() {
  return commands_->running() > 0 || group_->timer_due(clock_->now()) || group_->any_slow() ||
         !publisher_.idle();
}

Pulse Running::pulse() {
  Pulse pulse;
  pulse.busy = busy();
  pulse.steps = engine_->steps;
  if (pulse.busy) return pulse;
  group_->positions(pulse.consumed);
  pulse.produced = publisher_.produced();
  return pulse;
}

class RuntimeImpl final : public Runtime {
 public:
  explicit RuntimeImpl(std::shared_ptr<Running> running) : running_(std::move(running)) {}
  ~RuntimeImpl() override { running_->stop(); }
  void stop() override { running_->stop(); }
  const Service& service() const override { return running_->service(); }
  Reader& reader() override { return running_->reader(); }
  std::unique_ptr<Listening> listen(std::string kind, OnChange on_change) override {
    return running_->listen(std::move(kind), std::move(on_change));
  }
  const std::string& database() const override { return running_->database(); }
  Time now() const override { return running_->now(); }
  Status execute(std::string_view method, const Message& request, Message& response,
                 const Executor::Options& options) override {
    return running_->execute(method, request, response, options);
  }
  bool ready(std::string* why_not) const override { return running_->ready(why_not); }
  bool live(std::string* why_not) const override { return running_->live(why_not); }
  int lost_threads() const override { return running_->lost_threads(); }
  bool await(std::string_view positions, std::chrono::milliseconds patience) override {
    return running_->await(positions, patience);
  }
  Pulse pulse() const override { return running_->pulse(); }
  bool busy() const override { return running_->busy(); }
  Position consumed(int topic, int partition) const override { return running_->consumed(topic, partition); }
  std::int64_t steps() const override { return running_->steps(); }
  Result<common::v1::GetActivityResponse> activity(bool with_positions) override {
    return running_->activity(with_positions);
  }
  Result<common::v1::ListDeadLettersResponse> dead_letters(bool include_closed) override {
    return running_->dead_letters(include_closed);
  }
  Result<common::v1::DeadLetter> replay(std::string_view id, std::string_view note) override {
    return running_->replay(id, note);
  }
  Result<common::v1::DeadLetter> drop(std::string_view id, std::string_view note) override {
    return running_->drop(id, note);
  }
  Result<common::v1::ListChainsResponse> chains(std::string_view topic) override { return running_->chains(topic); }
  Result<common::v1::ChainStatus> refill(const common::v1::RefillChainRequest& request) override {
    return running_->refill(request);
  }
  Result<common::v1::ChainStatus> skip(const common::v1::SkipChainRequest& request) override {
    return running_->skip(request);
  }

 private:
  std::shared_ptr<Running> running_;
};

}  // namespace

Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::start(Service service, eventing::Options options) {
  if (options.partitions < 1 || options.partitions > 1000) {
    return invalid("partitions", "is out of range", "give 1 to 1000, the same in every process");
  }
  const auto name = service.name();
  try {
    auto running = std::make_shared<Running>(std::move(service), std::move(options));
    running->start();
    return Result<std::unique_ptr<Runtime>>(std::make_unique<RuntimeImpl>(std::move(running)));
  } catch (const postgres::Error& error) {
    const bool transient =
        error.kind() == postgres::ErrorKind::connection || error.kind() == postgres::ErrorKind::timeout;
    const auto message = "Service " + name + " cannot use its database: " + error.what();
    return transient ? unavailable("DATABASE", message) : failed_precondition("DATABASE", message);
  } catch (const std::runtime_error& error) {
    return unavailable("START", "Service " + name + " cannot start: " + error.what());
  }
}

}  // namespace loomline::eventing
