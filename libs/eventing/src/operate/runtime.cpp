#include "loomline/eventing/runtime.hpp"

#include <stdexcept>

#include "loomline/base/id.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/commit/columns.hpp"
#include "src/commit/schema.hpp"
#include "src/hear/tail.hpp"
#include "src/hear/unknown.hpp"
#include "src/operate/chain_operator.hpp"
#include "src/operate/operator.hpp"
#include "src/operate/reader.hpp"
#include "src/operate/stalls.hpp"
#include "src/publish/schema.hpp"
#include "src/work/commands.hpp"
#include "src/work/group.hpp"

namespace loomline::eventing {
namespace {

postgres::Options database_options(const std::string& conninfo, const std::string& service) {
  postgres::Options options;
  options.conninfo = conninfo;
  options.application_name = "loomline-" + service;
  // Every statement is an array joined by primary key: one generic plan with nested loops, whatever the statistics say.
  options.settings = {{"plan_cache_mode", "force_generic_plan"},
                      {"enable_hashjoin", "off"},
                      {"enable_mergejoin", "off"},
                      {"enable_seqscan", "off"},
                      {"jit", "off"}};
  return options;
}

void prepare_database(const Service& service, const Options& options, const std::string& database, int partitions) {
  postgres::Options admin;
  admin.conninfo = options.postgres;
  const auto name = options.installation + service.name();
  postgres::create_database_if_missing(admin, name);
  postgres::Options own;
  own.conninfo = database;
  own.statement_timeout = std::chrono::milliseconds(0);
  postgres::Connection connection(own);
  postgres::migrate(connection, "eventing", kernel_migrations());
  postgres::migrate(connection, "eventing-publish", publish_migrations());
  std::vector<postgres::Migration> steps;
  for (const auto& step : service.migrations()) steps.push_back({step.version, step.name, step.sql});
  if (!steps.empty()) postgres::migrate(connection, service.name(), steps);
  connection.exec("INSERT INTO installation (partitions) VALUES ($1) ON CONFLICT DO NOTHING", partitions);
  const auto before = connection.exec("SELECT partitions FROM installation").one().get<int>(0);
  if (before != partitions) {
    throw std::runtime_error("database " + name + " was made for " + std::to_string(before) + " partitions, not " +
                             std::to_string(partitions) + "; start with the same number everywhere");
  }
}

void prepare_topics(const Registry& registry, const Options& options) {
  std::set<std::string> names(registry.topics().begin(), registry.topics().end());
  for (const auto* topic : registry.owned()) names.insert(topic->name());
  if (options.clock == ClockMode::topic) names.insert("loomline.clock");
  if (registry.catalog().topic(GapDesk::topic) != nullptr) names.insert(GapDesk::topic);
  std::vector<kafka::TopicPlan> plans;
  for (const auto& name : names) {
    const auto* topic = registry.catalog().topic(name);
    if (topic == nullptr) throw std::logic_error("topic " + name + " is not declared");
    const auto hours = topic->retention_hours();
    plans.push_back(
        {options.installation + name, options.partitions, hours == 0 ? -1 : std::int64_t{hours} * 3'600'000});
  }
  if (plans.empty()) return;
  const auto client = kafka::Config(options.kafka, "loomline-admin").producer();
  kafka::ensure_topics(client.get(), plans);
}

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
        publisher_(registry_, pool_, {options_.kafka, options_.installation, instance_, options_.partitions}),
        gaps_(registry_, pool_, publisher_, options_) {}

  ~Running() { stop(); }

  void start() {
    const telemetry::ServiceScope scope(service_.name());
    prepare_database(service_, options_, database_, options_.partitions);
    prepare_topics(registry_, options_);
    offer_unknown(pool_, registry_);
    clock_ = BusinessClock::of(options_.clock, options_.kafka, options_.installation);
    engine_.reset(new Engine{registry_,
                             pool_,
                             publisher_,
                             *clock_,
                             gaps_,
                             instance_,
                             options_.installation,
                             options_.partitions,
                             {options_.step_budget, options_.slow_handler, options_.endless_handler,
                              options_.resident_bytes / static_cast<std::size_t>(std::max(1, options_.workers))},
                             snapshots_,
                             shared_from_this()});
    group_ = std::make_unique<Group>(*engine_, options_.kafka, options_.instance, options_.workers);
    commands_ =
        std::make_unique<Commands>(*engine_, [this](int lane) -> LaneWorker& { return group_->worker_of(lane); });
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
  const std::string& database() const { return database_; }
  Time now() const { return clock_->now(); }

  Status execute(std::string_view method, const Message& request, Message& response, const Executor::Options& options) {
    if (!started_) return unavailable("SHUTTING_DOWN", "The service is shutting down; try again.");
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
  std::int64_t consumed(int topic, int partition) const { return group_->position(topic, partition); }
  Result<common::v1::GetActivityResponse> activity(bool with_positions);

  Result<common::v1::ListDeadLettersResponse> dead_letters(bool include_closed) {
    return list_dead_letters(*engine_, include_closed);
  }
  Result<common::v1::DeadLetter> replay(std::string_view id, std::string_view note) {
    return resolve_dead_letter(*engine_, id, note, Decision::replay);
  }
  Result<common::v1::DeadLetter> drop(std::string_view id, std::string_view note) {
    return resolve_dead_letter(*engine_, id, note, Decision::drop);
  }

  Result<common::v1::ListChainsResponse> chains(std::string_view topic) { return list_chains(*engine_, topic); }
  Result<common::v1::ChainStatus> refill(const common::v1::RefillChainRequest& request) {
    return refill_chain(*engine_, request);
  }
  Result<common::v1::ChainStatus> skip(const common::v1::SkipChainRequest& request) {
    return skip_chain(*engine_, request);
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
  Publisher publisher_;
  GapDesk gaps_;
  std::shared_ptr<BusinessClock> clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Group> group_;
  std::unique_ptr<Commands> commands_;
  std::unique_ptr<BusinessClock::Subscription> clock_subscription_;
  std::atomic<bool> started_{false};

  // What the database says of what is to be done.
  struct Stored {
    std::int64_t stirred = 0;  // the engine's, when it was read
    std::chrono::steady_clock::time_point read{};
    std::int64_t timers_due = 0, kept = 0, dead_letters = 0;
    std::optional<Time> next_timer;
    struct Chain {
      std::int64_t id = 0, head = 0, published = 0, end_offset = 0;
      int topic = 0, partition = 0;
    };
    std::vector<Chain> chains;
    Positions heard;
  };
  std::shared_ptr<const Stored> stored(Time now);
  std::mutex stored_mutex_;
  std::shared_ptr<const Stored> stored_ = std::make_shared<Stored>();
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

namespace {

// All that the database knows about what is to be done, in one round trip: due timers (lane by lane, as the index has
// them; those of another program are not waited for) and the next one; kept events and dead letters; heads and ends of
// chains; positions.
constexpr const char* kActivity =
    "SELECT 'timers', '', 0, coalesce(sum(d.due)::bigint, 0), min(n.due), NULL::bigint, NULL::bigint"
    " FROM generate_series(0, $2::bigint - 1) AS l(lane)"
    " CROSS JOIN LATERAL (SELECT count(*) AS due FROM timer t WHERE t.lane = l.lane AND t.due <= $1::bigint"
    "  AND t.kind || '/' || split_part(t.name, '/', 1) = ANY($3::text[])) d"
    " LEFT JOIN LATERAL (SELECT t.due FROM timer t WHERE t.lane = l.lane"
    "  AND t.kind || '/' || split_part(t.name, '/', 1) = ANY($3::text[]) ORDER BY t.due LIMIT 1) n ON true"
    " UNION ALL SELECT 'kept', '', 0, (SELECT count(*) FROM pending),"
    " (SELECT count(*) FROM dead_letter WHERE state = 1), NULL, NULL"
    " UNION ALL SELECT 'chain', c.topic, c.partition, c.id, c.next_seq - 1, p.published, p.end_offset"
    " FROM chain c JOIN publication p ON p.chain = c.id WHERE NOT c.closed"
    " UNION ALL SELECT 'heard', topic, partition, next_offset, NULL, NULL, NULL FROM consumer_offset";

void fill(const Positions& positions, google::protobuf::RepeatedPtrField<common::v1::TopicPosition>* out) {
  positions.for_each([out](int topic, int partition, std::int64_t offset) {
    auto* position = out->Add();
    position->set_topic(topic_name(topic));
    position->set_partition(partition);
    position->set_offset(offset);
  });
}

}  // namespace

// Read again only where this process has changed some of it, a timer has come due, or others may have written. Heads
// and positions move with every commit; this process knows its own.
std::shared_ptr<const Running::Stored> Running::stored(Time now) {
  constexpr std::chrono::seconds kLongest{1};
  const std::lock_guard lock(stored_mutex_);
  const bool same = publisher_.alone() && stored_->stirred == engine_->stirred &&
                    std::chrono::steady_clock::now() - stored_->read < kLongest && stored_->timers_due == 0 &&
                    (!stored_->next_timer || *stored_->next_timer > now);
  if (same) return stored_;
  Stored fresh;
  fresh.stirred = engine_->stirred;
  fresh.read = std::chrono::steady_clock::now();
  const Texts timers_of_ours(registry_.timers().begin(), registry_.timers().end());
  const auto rows =
      pool_.acquire()->exec(kActivity, micros(now), options_.partitions, postgres::text_array(timers_of_ours));
  for (const auto row : rows) {
    const auto what = row.text(0);
    if (what == "timers") {
      fresh.timers_due = row.int64(3);
      if (!row.is_null(4)) fresh.next_timer = from_micros(row.int64(4));
    } else if (what == "kept") {
      fresh.kept = row.int64(3);
      fresh.dead_letters = row.int64(4);
    } else if (what == "chain") {
      fresh.chains.push_back({row.int64(3),
                              row.int64(4),
                              row.int64(5),
                              row.is_null(6) ? 0 : row.int64(6),
                              topic_number(row.text(1)),
                              row.get<int>(2)});
    } else {
      fresh.heard.set(topic_number(row.text(1)), row.get<int>(2), row.int64(3));
    }
  }
  return stored_ = std::make_shared<const Stored>(std::move(fresh));
}

Result<common::v1::GetActivityResponse> Running::activity(bool with_positions) {
  try {
    common::v1::GetActivityResponse activity;
    activity.set_service(service_.name());
    activity.set_instance(instance_);
    const auto now = clock_->now();
    to_proto(now, *activity.mutable_business_time());
    // Read before the database: what starts later is seen as not yet applied rather than missed.
    activity.set_commands_running(commands_->running());
    // What was just committed is in one of the two: looked for where it comes first.
    publisher_.take_reports();
    std::int64_t outbox = publisher_.untaken();
    const auto reaches = publisher_.reaches();
    Positions produced, consumed;
    if (with_positions) {
      produced = publisher_.produced();
      for (const auto& topic : registry_.topics())
        for (int partition = 0; partition < options_.partitions; ++partition)
          consumed.set(topic_number(topic), partition, 0);
      // A row may be a moment behind what was passed over.
      group_->positions(consumed);
    }
    const auto known = stored(now);
    const auto& said = *known;
    activity.set_timers_due(said.timers_due);
    if (said.next_timer) to_proto(*said.next_timer, *activity.mutable_next_timer_at());
    activity.set_events_waiting(said.kept);
    activity.set_dead_letters(said.dead_letters);
    for (const auto& chain : said.chains) {
      const auto mine = reaches.find(chain.id);
      const bool other = mine == reaches.end();  // another replica publishes it
      const auto head = other ? chain.head : std::max(chain.head, mine->second.known);
      outbox += std::max<std::int64_t>(0, head - (other ? chain.published : mine->second.acknowledged));
      if (other && chain.end_offset > 0) produced.set(chain.topic, chain.partition, chain.end_offset);
    }
    activity.set_outbox_pending(outbox);
    add_alarms(*engine_, activity);
    add_stalls(group_->stalled_lanes(), group_->slow_keys(), activity);
    activity.set_steps_applied(engine_->steps);
    if (!with_positions) return activity;
    said.heard.for_each([&consumed](int topic, int partition, std::int64_t offset) {
      if (consumed.at(topic, partition) != Positions::kNone) consumed.at_least(topic, partition, offset);
    });
    fill(consumed, activity.mutable_consumed());
    fill(produced, activity.mutable_produced());
    return activity;
  } catch (const postgres::Error& error) {
    telemetry::log_warn("activity cannot be read", {telemetry::field::error(error)});
    return unavailable("DATABASE", "The database does not answer; try again in a few seconds.");
  }
}

class RuntimeImpl final : public Runtime {
 public:
  explicit RuntimeImpl(std::shared_ptr<Running> running) : running_(std::move(running)) {}
  ~RuntimeImpl() override { running_->stop(); }
  void stop() override { running_->stop(); }
  const Service& service() const override { return running_->service(); }
  Reader& reader() override { return running_->reader(); }
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
  std::int64_t consumed(int topic, int partition) const override { return running_->consumed(topic, partition); }
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
