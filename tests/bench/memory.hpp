// What an aggregate holds in memory: as the kernel accounts it, and as the allocator sees it. For benchmarks.
#pragma once

#include <cstddef>

#include "kept.hpp"

namespace loomline::bench {

// Bytes that are allocated now. One thread.
std::size_t allocated();

struct Memory {
  std::size_t parts = 0, stored = 0;  // how many rows, and their bytes with the state's
  std::size_t accounted = 0;          // by the kernel's estimate, which decides what stays resident
  std::size_t grown = 0;              // allocated: as it came to be, fact by fact
  std::size_t read = 0;               // allocated: read from what is stored, as after a start
};
// `grown` is the caller's to measure.
Memory weigh(const Kept& kept);

}  // namespace loomline::bench
