// Plays plants and carriers of a running installation until it is told to stop: a sandbox for those who write a portal,
// a dashboard or a MES.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "loomline/base/status.hpp"

namespace loomline::factory {

struct PlayOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string token;  // of the role staff: makes a token of the role MES for itself, and takes it back at the end
  std::vector<std::string> plant_ids;
  std::uint64_t seed = 1;
  // Business seconds a second, on an installation with the topic clock, which is then moved. 0: the clock goes by
  // itself.
  unsigned speed = 0;
  // The clock moves in multiples of so many minutes, so that much happens at once; 0: to what happens next.
  unsigned quantum_minutes = 0;
  // A file to which what was told is appended, for whoever checks an installation from outside; empty: none.
  // FactoryOptions::ledger says what is in it.
  std::string ledger;
};

// Returns when `stop` is set, or with what went wrong.
Status play(const PlayOptions& options, const std::atomic<bool>& stop);

}  // namespace loomline::factory
