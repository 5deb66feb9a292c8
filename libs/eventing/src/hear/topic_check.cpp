#include "src/hear/topic_check.hpp"

#include "loomline/telemetry/log.hpp"

namespace loomline::eventing {

std::vector<Standing> standings(rd_kafka_t* client, const std::vector<kafka::Place>& places,
                                std::chrono::milliseconds patience) {
  std::vector<std::pair<std::string, int>> asked;
  for (const auto& place : places) asked.emplace_back(place.topic, place.partition);
  const auto spans = kafka::spans(client, asked, patience);
  std::vector<Standing> out;
  for (const auto& place : places) {
    const auto span = spans.find({place.topic, place.partition});
    if (span != spans.end()) out.push_back({place, span->second});
  }
  return out;
}

bool reset_position(postgres::Pool& pool, const std::string& topic, int partition, std::int64_t epoch,
                    std::int64_t expected, std::int64_t to) {
  const auto moved = pool.acquire()->exec(
      "UPDATE consumer_offset SET next_offset = $5::bigint WHERE topic = $1::text AND partition = $2::bigint"
      " AND epoch = $3::bigint AND next_offset = $4::bigint RETURNING 1",
      topic, partition, epoch, expected, to);
  if (moved.empty()) return false;
  telemetry::log_error("a topic ends before what was read of it; it is read again",
                       {telemetry::field::id("topic", topic), telemetry::field::number("partition", partition),
                        telemetry::field::number("position", expected), telemetry::field::number("again_from", to)});
  return true;
}

}  // namespace loomline::eventing
