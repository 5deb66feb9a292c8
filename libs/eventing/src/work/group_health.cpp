// Whether the group's client still does what it is there for, and a new one where it does not.
#include <array>

#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"
#include "src/work/group.hpp"

namespace loomline::eventing {

bool Group::stops_within(std::chrono::seconds time) {
  std::unique_lock lock(client_mutex_);
  return stopping_.wait_for(lock, time, [this] { return stop_.load(); });
}

std::vector<kafka::Place> Group::with_prefix(
    const std::map<std::pair<std::string, int>, std::int64_t>& positions) const {
  std::vector<kafka::Place> places;
  for (const auto& [id, offset] : positions) places.push_back({engine_.prefix + id.first, id.second, offset});
  return places;
}

// A client that has given up never hears anything again. With a stable name librdkafka 2.0.2 can do so by itself: where
// its session ends while no coordinator answers, it forgets its member id and sends one more heartbeat without it.
void Group::replace_lost_client() {
  std::array<char, 512> why{};
  if (rd_kafka_fatal_error(client_.get(), why.data(), why.size()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return make_anew("it has given up; two replicas of one name do this to each other: " + std::string(why.data()));
  std::string found;
  {
    const std::lock_guard lock(client_mutex_);
    found.swap(anew_);
  }
  if (!found.empty()) make_anew(found);
}

void Group::make_anew(const std::string& why) {
  telemetry::log_error("the consumer is made anew", {telemetry::field::error(why)});
  revoke();
  rd_kafka_consumer_close(client_.get());
  revoke();  // what it may have assigned until then
  {
    const std::lock_guard lock(client_mutex_);
    client_.reset();
    anew_.clear();
  }
  // Two of one name take turns at this pace.
  while (!stops_within(std::chrono::seconds(1))) {
    try {
      return subscribe();
    } catch (const std::exception& error) {
      telemetry::log_error("the consumer cannot be made anew yet", {telemetry::field::error(error)});
    }
  }
}

// Asks by a client of its own, on a thread of its own: librdkafka 2.0.2 may wait far longer for such an answer than it
// is told to, and who does not poll is told nothing of the group.
void Group::check() {
  const telemetry::ServiceScope scope(engine_.registry.service());
  name_thread(engine_.registry.service(), "check");
  const auto client = kafka::prober(brokers_);
  while (!stops_within(std::chrono::seconds(5))) {
    try {
      auto why = check_topics(client.get());
      if (why.empty()) why = check_assigned(client.get());
      if (why.empty()) continue;
      const std::lock_guard lock(client_mutex_);
      anew_ = std::move(why);
    } catch (const std::exception& error) {
      telemetry::log_warn("topics cannot be checked", {telemetry::field::error(error)});
    }
  }
}

// What was read beside what there is: why the consumer is to be made anew, if it is.
std::string Group::check_topics(rd_kafka_t* client) {
  std::map<std::pair<std::string, int>, std::int64_t> held;
  for (const auto& worker : workers_) worker->positions(held);
  std::string deaf;
  for (const auto& standing : standings(client, with_prefix(held), std::chrono::seconds(2))) {
    const auto silent = worker_of(standing.place.partition).compare(standing);
    if (!silent) continue;
    const std::pair partition(standing.place.topic, standing.place.partition);
    if (!silences_.worth_a_new_consumer(partition, *silent, engine_.clocks.steady_ms())) continue;
    deaf = "nothing comes of what a partition holds: " + standing.place.topic.substr(engine_.prefix.size()) + "/" +
           std::to_string(standing.place.partition) + " was read up to " + std::to_string(*silent) + " and ends at " +
           std::to_string(standing.span.end);
  }
  return deaf;
}

// After it was told that its partitions are no longer its own, a member is told which are, if only that it has none.
std::string Group::check_assigned(rd_kafka_t* client) {
  const std::int64_t since = unassigned_since_;
  if (since == 0 || engine_.clocks.steady_ms() - since < 60'000) return {};
  // Throws where no broker answers: then nobody can be told anything.
  (void)kafka::partition_counts(client, {engine_.prefix + engine_.registry.topics().front()}, 2000);
  return "no partitions were assigned for a minute";
}

}  // namespace loomline::eventing
