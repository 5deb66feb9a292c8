#include "src/publish/progress.hpp"

namespace loomline::eventing {

ChainProgress::News ChainProgress::delivered(const Delivery& delivery, Clock::time_point now) {
  if (delivery.round != round_ % Producer::kRounds || look || delivery.seq <= acked) return News::stale;
  if (delivery.error != RD_KAFKA_RESP_ERR_NO_ERROR) return News::refused;
  if (delivery.offset >= 0 && delivery.offset < end) return News::lost;
  if (delivery.offset < 0 || delivery.seq != acked + 1) return News::unsure;
  acked = delivery.seq;
  end = delivery.offset + 1;
  proven_ = true;
  waiting_since_ = now;  // observe() takes it away where nothing is left
  trouble.clear();
  return News::progress;
}

void ChainProgress::start_over(std::int64_t reach) {
  sent = acked = reach;
  ++round_;
  behind = true;
  hole_since = {};
}

void ChainProgress::look_first(const Look& where) {
  start_over(acked);
  look = where;
  proven_ = false;
}

void ChainProgress::new_producer() {
  start_over(acked);
  proven_ = false;
}

void ChainProgress::observe(Clock::time_point now) {
  if (!leased || (acked >= known && !look)) {
    waiting_since_.reset();
  } else if (!waiting_since_) {
    waiting_since_ = now;
  }
}

}  // namespace loomline::eventing
