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

void note_restart(const std::string& topic, int partition, std::int64_t position, std::int64_t again_from) {
  telemetry::log_error(
      "a topic ends before what was read of it; it is read again",
      {telemetry::field::id("topic", topic), telemetry::field::number("partition", partition),
       telemetry::field::number("position", position), telemetry::field::number("again_from", again_from)});
}

}  // namespace loomline::eventing
