// One figure of a benchmark as a line of JSON on stdout, the same for all: tests/bench/run gathers them into its table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

namespace loomline::bench {

struct Figure {
  std::string name;            // "events.throughput"
  double value = 0;
  std::string unit;            // "events/s"
  std::string against;         // the floor or peer of the same run, with its own value
  std::optional<double> ratio = std::nullopt;  // value to that
  std::string goal = {};       // of the ratio: ">= 0.5", "<= 2"; empty: none was set
};

// Numbers with three digits that count.
std::string digits(double value);
void print(const Figure& figure);
// In place of figures that could not be had.
void print_skipped(const std::string& name, const std::string& why);

// The middle one; of an even number the lower of the two.
template <class Values>
double median(Values values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace loomline::bench
