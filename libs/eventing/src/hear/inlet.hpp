// A partition's messages on their way to a lane. Kafka brings them (kafka_inlet.*); a simulation has a log in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "loomline/base/time.hpp"

namespace loomline::eventing {

// A message taken from a partition and not yet applied.
struct Received {
  std::int64_t offset = 0;
  Time time{};  // when it was written, as the broker has it; the epoch where nobody says
  std::string key, body;
  std::map<std::string, std::string, std::less<>> headers;
  // About what it holds in memory.
  std::size_t weight() const { return body.size() + 1500; }
};

class Inlet {
 public:
  virtual ~Inlet() = default;
  // Appends what has arrived, a few hundred at most and none from before `first`. False where no more is there now.
  virtual bool take(std::int64_t first, std::vector<Received>& out) = 0;
  // Goes on from there; 0: from the partition's first message.
  virtual void seek(std::int64_t offset) = 0;
  // Called, from any thread, when there is something to take; an empty function ends it.
  virtual void on_arrival(std::function<void()> call) = 0;
};

}  // namespace loomline::eventing
