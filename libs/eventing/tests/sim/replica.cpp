#include "tests/sim/replica.hpp"

#include "loomline/common/v1/system.pb.h"
#include "loomline/postgres/error.hpp"
#include "src/hear/topic_check.hpp"

namespace loomline::eventing::sim {

Replica::Replica(const Registry& registry, std::string instance, Surroundings around)
    : registry_(registry),
      instance_(std::move(instance)),
      around_(std::move(around)),
      outlet_(around_.log, registry.service(), around_.fate),
      publisher_(registry_, around_.store, outlet_, instance_, around_.clocks),
      line_(around_.bus),
      gaps_(registry_, around_.store, publisher_, line_, around_.clocks) {
  engine_.reset(new Engine{registry_, around_.store, publisher_, around_.clock, gaps_, instance_, "",
                           around_.partitions, around_.limits, snapshots_, around_.clocks});
  worker_ = std::make_unique<LaneWorker>(*engine_, 0);
  commands_ = std::make_unique<Commands>(*engine_, [this](int) -> LaneWorker& { return *worker_; });
  engine_->on_timer = [this](Time due) { worker_->timer_set(due); };
  publisher_.begin();
  around_.bus.hearers[this] = [this](const common::v1::ChainRefillAsked& asked) { gaps_.hear(asked); };
}

Replica::~Replica() { around_.bus.hearers.erase(this); }

void Replica::assign(const std::vector<Place>& places) {
  worker_->remove(places_);
  worker_->own_lanes({});
  gaps_.forget_all();
  places_ = {places.begin(), places.end()};
  std::set<int> lanes;
  auto feeds = around_.store.claim(instance_, places);
  for (auto& feed : feeds) {
    const Place place{feed.topic, feed.partition};
    const auto& partition = around_.log.at(place);
    const Standing standing{{feed.topic, feed.partition, feed.next_offset}, {partition.begin, partition.end()}};
    feed.whole = standing.whole();
    if (standing.lost() && around_.store.reset_position(feed.topic, feed.partition, feed.epoch, feed.stored_offset,
                                                        standing.restart()))
      feed.next_offset = feed.stored_offset = feed.fetched = standing.restart();
    feed.inlet = std::make_unique<MemoryInlet>(around_.log, place, feed.next_offset);
    lanes.insert(feed.partition);
  }
  worker_->add(std::move(feeds));
  worker_->own_lanes(std::move(lanes));
}

void Replica::check_topics() {
  if (around_.clocks.steady() < check_at_) return;
  check_at_ = around_.clocks.steady() + std::chrono::seconds(5);
  for (const auto& [place, position] : positions()) {
    const auto& partition = around_.log.at(place);
    try {
      (void)worker_->compare({{place.first, place.second, position}, {partition.begin, partition.end()}});
    } catch (const postgres::Error&) {
    }
  }
}

LaneWorker::After Replica::work() {
  if (worker_->timer_due(around_.clock.now())) worker_->timer_set(around_.clock.now());
  worker_->wake();  // whatever has arrived is looked for
  return worker_->take_turn();
}

std::map<Place, std::int64_t> Replica::positions() {
  std::map<Place, std::int64_t> held;
  worker_->positions(held);
  return held;
}

void Replica::carry(std::size_t most) {
  if (auto* producer = outlet_.current(); producer != nullptr) producer->carry(most);
}

void Replica::look_for_gaps() {
  try {
    gaps_.look();
  } catch (const postgres::Error&) {  // as its thread does: the next look finds the database again
  }
}

Result<JobPtr> Replica::submit(std::string_view method, const Message& request, const Message& response,
                               const Executor::Options& options) {
  auto job = commands_->prepare(method, request, response, options);
  if (job.ok() && worker_->submit(*job) != LaneWorker::Submitted::yes) return unavailable("BUSY", "The queue is full.");
  return job;
}

void Replica::give_up() {
  publisher_.take_turn();
  around_.store.give_up_leases(instance_);
}

}  // namespace loomline::eventing::sim
