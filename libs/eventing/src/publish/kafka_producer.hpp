// One idempotent producer of librdkafka, as chains need it (producer.hpp).
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "src/publish/producer.hpp"

namespace loomline::eventing {

class KafkaProducer final : public Producer {
 public:
  // `on_delivery` is called from poll(); `wake` from librdkafka's threads, when poll() would find something. Throws
  // std::runtime_error.
  KafkaProducer(const std::string& brokers, std::string prefix, std::string service, std::function<void()> wake,
                std::function<void(const Delivery&)> on_delivery);
  ~KafkaProducer() override;

  rd_kafka_resp_err_t send(const Chain& chain, int round, const Committed& event) override;
  void poll() override;
  std::int64_t unacknowledged() const override { return unacknowledged_; }
  bool fatal() const override { return fatal_; }
  bool take_disturbance() override { return disturbed_.exchange(false); }

 private:
  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t*, int error, const char*, void* self);

  std::string prefix_, service_;
  std::function<void()> wake_;
  std::function<void(const Delivery&)> on_delivery_;
  std::atomic<std::int64_t> unacknowledged_{0};
  std::atomic<bool> fatal_{false}, disturbed_{false};
  kafka::Client client_;
};

}  // namespace loomline::eventing
