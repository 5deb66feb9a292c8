// Where a lane stands before events that are missing.
#pragma once

#include <cstdint>
#include <string>

namespace loomline::eventing {

struct GapMet {
  std::string topic;  // without prefix
  int partition = 0;
  std::string source;
  std::int64_t epoch = 0;
  std::int64_t first_missing = 0;
  std::int64_t offset = 0;  // of the message that came instead
};

}  // namespace loomline::eventing
