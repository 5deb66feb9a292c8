// Whether a topic still is the one that a consumer knows. librdkafka 2.0 does not tell topic ids; watermarks tell: a
// partition that ends before a consumer's position was made anew, or lost its tail.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/broker/kafka.hpp"

namespace loomline::eventing {

// A consumer's position beside what the partition holds.
struct Standing {
  kafka::Place place;  // with the installation's prefix; `offset` is the next to be read
  kafka::Span span;

  // What was read here is not what stands here now: reading goes on at restart(), and duplicates are dropped by seq.
  bool lost() const { return span.end < place.offset; }
  // The topic's beginning, or not far before the end of a large one: should something that is needed stand before that,
  // the chain has a gap there, and the lane rewinds to the beginning by itself.
  std::int64_t restart() const { return std::max(span.begin, span.end - 10'000); }
  // Nothing was deleted yet: every chain on this partition begins with 1.
  bool whole() const { return span.begin == 0; }
};

// Says that a topic ends before what was read of it, and from where it is read again.
void note_restart(const std::string& topic, int partition, std::int64_t position, std::int64_t again_from);

// Without those partitions that do not answer in time.
std::vector<Standing> standings(rd_kafka_t* client, const std::vector<kafka::Place>& places,
                                std::chrono::milliseconds patience);

}  // namespace loomline::eventing
