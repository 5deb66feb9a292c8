// The watermarks of many partitions at once.
#include <algorithm>
#include <mutex>

#include "src/broker/kafka.hpp"

namespace loomline::eventing::kafka {
namespace {

using Where = std::pair<std::string, int>;
using Clock = std::chrono::steady_clock;

// Answers are kept by partition; those with an error are left out. False where nothing was answered.
bool ask(rd_kafka_t* client, const std::vector<Where>& places, std::int64_t which, int timeout_ms,
         std::map<Where, std::int64_t>& offsets) {
  std::vector<Place> asked;
  for (const auto& [topic, partition] : places) asked.push_back({topic, partition, which});
  const auto list = list_of(asked);
  if (rd_kafka_offsets_for_times(client, list.get(), timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& one = list->elems[i];
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR && one.offset >= 0) offsets[{one.topic, one.partition}] = one.offset;
  }
  return true;
}

// The ends are asked for last: a partition that is written to meanwhile never seems to end before its beginning.
bool ask_both(rd_kafka_t* client, const std::vector<Where>& places, int timeout_ms, std::map<Where, Span>& spans) {
  std::map<Where, std::int64_t> begins, ends;
  if (!ask(client, places, RD_KAFKA_OFFSET_BEGINNING, timeout_ms, begins)) return false;
  if (!ask(client, places, RD_KAFKA_OFFSET_END, timeout_ms, ends)) return false;
  for (const auto& [place, begin] : begins) {
    if (const auto end = ends.find(place); end != ends.end()) spans[place] = {begin, end->second};
  }
  return true;
}

}  // namespace

std::shared_ptr<rd_kafka_t> prober(const std::string& brokers) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<rd_kafka_t>> made;
  const std::lock_guard lock(mutex);
  auto& known = made[brokers];
  if (auto alive = known.lock()) return alive;
  std::shared_ptr<rd_kafka_t> fresh = Config(brokers, "loomline-watermarks").producer();
  known = fresh;
  return fresh;
}

std::map<Where, Span> spans(rd_kafka_t* client, const std::vector<Where>& places, std::chrono::milliseconds patience) {
  std::map<Where, Span> out;
  if (places.empty()) return out;
  const auto timeout = static_cast<int>(patience.count());
  if (ask_both(client, places, timeout / 3, out)) return out;
  // One topic without a leader fails the whole request, after all of its time.
  const auto counts = [&] {
    std::vector<std::string> topics;
    for (const auto& [topic, partition] : places) topics.push_back(topic);
    try {
      return partition_counts(client, topics, timeout);
    } catch (const std::exception&) {
      return std::map<std::string, int>();
    }
  }();
  std::vector<Where> led;
  std::copy_if(places.begin(), places.end(), std::back_inserter(led), [&](const Where& place) {
    const auto found = counts.find(place.first);
    return found != counts.end() && found->second > place.second;
  });
  if (!led.empty()) ask_both(client, led, timeout, out);
  return out;
}

}  // namespace loomline::eventing::kafka
