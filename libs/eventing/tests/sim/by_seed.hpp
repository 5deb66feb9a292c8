// How a test program of lives by seed is asked: LOOMLINE_SEED, LOOMLINE_SEEDS, LOOMLINE_FIRST_SEED.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "loomline/telemetry/log.hpp"

namespace loomline::eventing::sim {

inline std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

inline bool replays() { return std::getenv("LOOMLINE_SEED") != nullptr; }

// What the kernel logs of thousands of faults would bury what is told.
inline bool quieten() {
  telemetry::LogOptions options;
  options.level = replays() ? telemetry::Level::warn : telemetry::Level::off;
  telemetry::configure_logging(options);
  return true;
}

}  // namespace loomline::eventing::sim
