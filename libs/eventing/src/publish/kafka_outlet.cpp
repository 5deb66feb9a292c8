#include "src/publish/kafka_outlet.hpp"

#include "src/publish/kafka_producer.hpp"

namespace loomline::eventing {

std::unique_ptr<Producer> KafkaOutlet::producer(std::function<void()> wake,
                                                std::function<void(const Delivery&)> on_delivery) {
  return std::make_unique<KafkaProducer>(brokers_, prefix_, service_, std::move(wake), std::move(on_delivery));
}

std::vector<std::optional<TailSeen>> KafkaOutlet::read_tails(const std::vector<TailWanted>& wanted) {
  return eventing::read_tails(brokers_, prefix_, service_, wanted);
}

std::map<std::pair<std::string, int>, kafka::Span> KafkaOutlet::spans(
    const std::vector<std::pair<std::string, int>>& places, std::chrono::milliseconds patience) {
  if (!prober_) prober_ = kafka::prober(brokers_);
  std::vector<std::pair<std::string, int>> named;
  for (const auto& [topic, partition] : places) named.emplace_back(prefix_ + topic, partition);
  std::map<std::pair<std::string, int>, kafka::Span> out;
  for (auto& [place, span] : kafka::spans(prober_.get(), named, patience))
    out[{place.first.substr(prefix_.size()), place.second}] = span;
  return out;
}

}  // namespace loomline::eventing
