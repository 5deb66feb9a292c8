// The topic loomline.kernel.gaps: who misses events asks there for them.
#pragma once

#include <mutex>
#include <string>

#include "src/broker/kafka.hpp"
#include "src/hear/gaps.hpp"
#include "src/hear/tail.hpp"

namespace loomline::eventing {

class KafkaRefillLine final : public RefillLine {
 public:
  KafkaRefillLine(std::string brokers, std::string prefix, std::string service, int partitions)
      : brokers_(std::move(brokers)),
        prefix_(std::move(prefix)),
        service_(std::move(service)),
        partitions_(partitions) {}
  void start(std::function<void(const common::v1::ChainRefillAsked&)> on_asked) override;
  void stop() override { tail_.reset(); }
  bool ask(const common::v1::ChainRefillAsked& asked) override;

 private:
  std::string brokers_, prefix_, service_;
  int partitions_;
  kafka::Client client_;  // made when first needed
  std::mutex client_mutex_;
  std::unique_ptr<SharedTail::Subscription> tail_;
};

}  // namespace loomline::eventing
