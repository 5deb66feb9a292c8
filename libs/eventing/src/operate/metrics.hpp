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
        resends(telemetry::counter("loomline_chain_resends_total",
                                   "Times that a chain was sent again from an earlier number", {{"service", service}})),
        holes(telemetry::counter("loomline_chain_holes_total", "Holes in chains that the outbox could not refill",
                                 {{"service", service}})),
        stalled(telemetry::gauge("loomline_stalled",
                                 "1 where a lane has had something to do for 10 s and committed nothing",
                                 {{"service", service}})),
        slow_now(telemetry::gauge("loomline_slow_keys", "Keys that are set aside because their handlers take long",
                                  {{"service", service}})),
        chains_stalled(telemetry::gauge("loomline_chains_stalled",
                                        "Chains that have had something to publish for 10 s and published nothing",
                                        {{"service", service}})),
        gaps_open(telemetry::gauge("loomline_chain_gaps_open", "Gaps that lanes stand before", {{"service", service}})),
        backlog(telemetry::gauge("loomline_outbox_backlog_bytes",
                                 "Committed events that wait in memory for the broker, handed to its client or not",
                                 {{"service", service}})),
        waiting(telemetry::gauge("loomline_events_waiting", "Events that wait for a precondition or a parked key",
                                 {{"service", service}})),
        oldest_waiting(telemetry::gauge("loomline_events_waiting_oldest_seconds", "Age of the event that waits longest",
                                        {{"service", service}})),
        open_letters(telemetry::gauge("loomline_dead_letters_open", "Dead letters that wait for an operator",
                                      {{"service", service}})) {}

  telemetry::Counter steps, transactions, dead, slow, gaps, rebuilds, resends, holes;
  telemetry::Gauge stalled, slow_now, chains_stalled, gaps_open, backlog, waiting, oldest_waiting, open_letters;
};

}  // namespace loomline::eventing
