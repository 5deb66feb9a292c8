// What the same effects cost without a kernel, on the same servers in the same run: the floor that its figures are
// compared with.
#pragma once

#include <string>

namespace loomline::bench {

struct Floor {
  // One transaction that updates a row and inserts one, committed to disk.
  double commit_ms = 0;
  // One message produced (acks=all, no lingering) and consumed again.
  double hop_ms = 0;
};

// Makes and drops a table, and leaves a topic `name` on the broker. Throws std::runtime_error.
Floor measure_floor(const std::string& postgres, const std::string& kafka, const std::string& name, int rounds);

}  // namespace loomline::bench
