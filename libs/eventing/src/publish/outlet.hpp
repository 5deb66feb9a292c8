// What a publisher asks of the broker. Kafka answers (kafka_outlet.*); a simulation has a log in memory.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/broker/kafka.hpp"
#include "src/publish/chain_tail.hpp"
#include "src/publish/producer.hpp"

namespace loomline::eventing {

class Outlet {
 public:
  virtual ~Outlet() = default;
  // `on_delivery` is called from the producer's poll(); `wake` from any thread, when poll() would find something.
  // Throws std::runtime_error.
  virtual std::unique_ptr<Producer> producer(std::function<void()> wake,
                                             std::function<void(const Delivery&)> on_delivery) = 0;
  // By index of `wanted`; nothing where the broker did not answer for a partition (it is down, or the topic is gone).
  virtual std::vector<std::optional<TailSeen>> read_tails(const std::vector<TailWanted>& wanted) = 0;
  // By (topic without prefix, partition); without those that do not answer in time.
  virtual std::map<std::pair<std::string, int>, kafka::Span> spans(
      const std::vector<std::pair<std::string, int>>& places, std::chrono::milliseconds patience) = 0;
};

}  // namespace loomline::eventing
