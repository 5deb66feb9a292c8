// A publisher's broker, through librdkafka.
#pragma once

#include "src/publish/outlet.hpp"

namespace loomline::eventing {

class KafkaOutlet final : public Outlet {
 public:
  KafkaOutlet(std::string brokers, std::string prefix, std::string service)
      : brokers_(std::move(brokers)), prefix_(std::move(prefix)), service_(std::move(service)) {}
  std::unique_ptr<Producer> producer(std::function<void()> wake,
                                     std::function<void(const Delivery&)> on_delivery) override;
  std::vector<std::optional<TailSeen>> read_tails(const std::vector<TailWanted>& wanted) override;
  std::map<std::pair<std::string, int>, kafka::Span> spans(const std::vector<std::pair<std::string, int>>& places,
                                                           std::chrono::milliseconds patience) override;

 private:
  std::string brokers_, prefix_, service_;
  std::shared_ptr<rd_kafka_t> prober_;  // asks for watermarks; made when first needed
};

}  // namespace loomline::eventing
