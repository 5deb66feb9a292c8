// What the same effects cost without a kernel, on the same servers in the same run: the floor that its figures are
// compared with.
#pragma once

#include <chrono>
#include <string>

namespace loomline::bench {

struct Floor {
  // One transaction that updates a row and inserts one, committed to disk.
  double commit_ms = 0;
  // One message produced (acks=all, no lingering) and consumed again.
  double hop_ms = 0;
  // CPU of this process for the same where it comes alone, a pause before each: caches are cold, threads asleep. The
  // transaction as one statement, in one round trip.
  double lone_commit_cpu_ms = 0;
  double lone_hop_cpu_ms = 0;
};

// Makes and drops a table, and leaves a topic `name` on the broker. Throws std::runtime_error.
Floor measure_floor(const std::string& postgres, const std::string& kafka, const std::string& name, int rounds,
                    std::chrono::milliseconds pause);

}  // namespace loomline::bench
