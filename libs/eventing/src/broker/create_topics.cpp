#include <cstdint>
#include <stdexcept>
#include <vector>

#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/topics.hpp"
#include "src/broker/kafka.hpp"

namespace loomline::eventing {

Status create_topics(const Options& options) {
  std::vector<kafka::TopicPlan> plans;
  for (const auto& topic : topic_catalog().topic()) {
    const auto hours = topic.retention_hours();
    plans.push_back(
        {options.installation + topic.name(), options.partitions, hours == 0 ? -1 : std::int64_t{hours} * 3'600'000});
  }
  try {
    const auto client = kafka::Config(options.kafka, "loomline-admin").producer();
    kafka::ensure_topics(client.get(), plans);
    return {};
  } catch (const std::runtime_error& error) {
    return unavailable("TOPICS", std::string("The topics cannot be made: ") + error.what());
  }
}

}  // namespace loomline::eventing
