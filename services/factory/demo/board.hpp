// The live table of orders a stage: redrawn in place on a terminal, a line now and then elsewhere.
#pragma once

#include <loomline/tracking/v1/tracking.pb.h>

#include <chrono>
#include <iosfwd>
#include <string>

#include "loomline/base/time.hpp"

namespace loomline::demo {

class Board {
 public:
  Board(std::ostream& out, bool terminal) : out_(&out), terminal_(terminal) {}

  // True where it is time to show again: twice a second on a terminal, else every ten seconds.
  bool due() const;
  void show(Time business, const tracking::v1::CountOrdersResponse& counts);
  // Ends the table: what is printed next stands below it.
  void finish();

 private:
  std::ostream* out_;
  bool terminal_;
  int lines_ = 0;
  std::chrono::steady_clock::time_point shown_{};
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// "15 received, 3 in production, ..." in the order of the pipeline; stages without orders are left out. Pure.
std::string one_line(const tracking::v1::CountOrdersResponse& counts);

}  // namespace loomline::demo
