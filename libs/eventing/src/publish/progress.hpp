// How far one chain is, without I/O: what is committed, what was handed to the broker, what the broker has for sure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "src/publish/producer.hpp"

namespace loomline::eventing {

// First to last lost number.
using Holes = std::map<std::int64_t, std::int64_t>;

// Where the tail of a chain must be looked at before anything more is sent.
struct Look {
  std::int64_t offset = -1;  // from here on; negative: as deep as holes may be
  std::int64_t after = -1;   // a consumer stands after this seq; negative: what is before the look is whole
  std::int64_t depth = 0;    // messages before `offset` or the end; 0: as deep as young events are
  Holes holes{};             // what is lost for good, and nobody waits for
};

class ChainProgress {
 public:
  using Clock = std::chrono::steady_clock;

  Chain chain;
  bool leased = false;
  std::int64_t known = 0;                    // the last seq that is known to be committed
  std::int64_t sent = 0;                     // the last one handed to the producer
  std::int64_t acked = 0;                    // the broker has all up to here, in order
  std::int64_t end = 0;                      // the offset after the last acknowledged message
  std::int64_t flushed = 0;                  // the watermark in the database
  std::map<std::int64_t, Committed> buffer;  // committed and not yet sent
  bool behind = false;                       // read from the outbox rather than from offers
  std::int64_t left_out = 0;                 // bytes of offers that wait in the outbox alone
  std::optional<Look> look;                  // set: nothing is sent until the tail was looked at
  Clock::time_point hole_since{};            // when the next seq was first missed
  Clock::time_point retry_at{};              // after a refusal
  std::string trouble;                       // what was refused last
  Clock::time_point say_at{};                // when a stall may be logged again

  int round() const { return round_; }

  enum class News {
    progress,
    stale,    // sent in an earlier round: says nothing
    refused,  // the broker will not have it
    unsure,   // reported as delivered, but perhaps not in the log, or out of order
    lost,     // it got a place that was taken before: the broker lost what stood there
  };
  News delivered(const Delivery& delivery, Clock::time_point now);

  // Everything after `reach` is sent again; what is reported of earlier sendings counts no longer.
  void start_over(std::int64_t reach);
  // As start_over from what is acknowledged, once the tail has been looked at.
  void look_first(const Look& where);
  // A new producer: the broker does not know it yet.
  void new_producer();

  // Whether the next event may be handed over. A broker that does not know the producer takes any sequence number:
  // until one message has a place, no other may overtake it.
  bool may_send(Clock::time_point now) const {
    return leased && !look && now >= retry_at && (proven_ || sent == acked);
  }

  // Since when there was something to publish and nothing went through; nothing where all is well.
  void observe(Clock::time_point now);
  std::optional<Clock::time_point> waiting_since() const { return waiting_since_; }

 private:
  int round_ = 0;
  bool proven_ = false;
  std::optional<Clock::time_point> waiting_since_;
};

}  // namespace loomline::eventing
