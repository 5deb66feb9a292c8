// What a handler knows about the call it answers. Plain data, so that a test can make one by hand.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "loomline/base/time.hpp"
#include "loomline/telemetry/trace.hpp"

namespace loomline::rpc {

using Deadline = std::chrono::steady_clock::time_point;

// Who asks, as the calling process vouches for it (metadata loomline-caller, -tenant, -role, -subject). The port is
// internal (mutual TLS in production): the edge authenticates people, the services believe the edge.
struct Caller {
  std::string name = "unknown";  // the calling program: "edge", "intake", "cli"
  std::string tenant = "main";
  std::string role{};     // "customer", "portal", "staff", "mes", "ticketing", "service"; empty where not given
  std::string subject{};  // sub_..., or the token's id; empty where not given
  bool operator==(const Caller&) const = default;
};

// Shared between the transport and the handler while the call lives.
class CallState {
 public:
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  void set_positions(std::string positions) {
    const std::lock_guard lock(mutex_);
    positions_ = std::move(positions);
  }
  std::string positions() const {
    const std::lock_guard lock(mutex_);
    return positions_;
  }

 private:
  std::atomic<bool> cancelled_{false};
  mutable std::mutex mutex_;
  std::string positions_;
};

struct CallContext {
  std::string method{};  // "loomline.intake.v1.IntakeService.PlaceOrder"
  Caller caller{};
  std::string idempotency_key{};  // empty where the caller gave none; at most 200 printable characters
  std::string positions{};  // chain positions that the reader has seen (read your own writes); opaque, may be empty
  Deadline deadline = Deadline::max();  // never max() for a unary call that came over the wire
  telemetry::TraceContext trace{};      // also the handler thread's current_trace()
  std::shared_ptr<CallState> state = std::make_shared<CallState>();

  // True once the caller has gone away or the deadline has passed: stop working.
  bool cancelled() const { return state->cancelled() || std::chrono::steady_clock::now() >= deadline; }
  // Not negative; Duration::max() where there is no deadline.
  Duration remaining() const;
  // The chain positions of what this call wrote; they reach the caller with the answer (Reply::positions).
  void answer_positions(std::string value) const { state->set_positions(std::move(value)); }
};

}  // namespace loomline::rpc
