// The kernel's Prometheus handles, by service. Looked up once.
#pragma once

#include "loomline/telemetry/metrics.hpp"

namespace loomline::eventing {

struct Metrics {
  explicit Metrics(const std::string& service)
      : steps(
            telemetry::counter("loomline_steps_total", "Events, commands and timers applied", {{"service", service}})),
        transactions(telemetry::counter("loomline_step_transactions_total", "Transactions that applied them",
                                        {{"service", service}})),
        dead(telemetry::counter("loomline_dead_letters_total", "Messages dead-lettered", {{"service", service}})),
        slow(telemetry::counter("loomline_slow_handlers_total", "Handlers that took long and got a thread of their own",
                                {{"service", service}})),
        gaps(telemetry::counter("loomline_chain_gaps_total", "Gaps met in chains", {{"service", service}})),
        rebuilds(
            telemetry::counter("loomline_producer_rebuilds_total", "Kafka producers rebuilt", {{"service", service}})),
        stalled(telemetry::gauge("loomline_stalled",
                                 "1 where a lane or a chain has done nothing for 10 s though it could",
                                 {{"service", service}})),
        backlog(telemetry::gauge("loomline_outbox_backlog_bytes", "Committed events not yet handed to the broker",
                                 {{"service", service}})),
        waiting(telemetry::gauge("loomline_events_waiting", "Events that wait for a precondition or a parked key",
                                 {{"service", service}})),
        oldest_waiting(telemetry::gauge("loomline_events_waiting_oldest_seconds", "Age of the event that waits longest",
                                        {{"service", service}})),
        open_letters(telemetry::gauge("loomline_dead_letters_open", "Dead letters that wait for an operator",
                                      {{"service", service}})) {}

  telemetry::Counter steps, transactions, dead, slow, gaps, rebuilds;
  telemetry::Gauge stalled, backlog, waiting, oldest_waiting, open_letters;
};

}  // namespace loomline::eventing
