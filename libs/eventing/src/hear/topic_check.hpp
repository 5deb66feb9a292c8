// Whether a topic still is the one that a consumer knows. librdkafka 2.0 does not tell topic ids; watermarks tell: a
// partition that ends before a consumer's position was made anew, or lost its tail.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loomline/postgres/pool.hpp"
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

// Without those partitions that do not answer in time.
std::vector<Standing> standings(rd_kafka_t* client, const std::vector<kafka::Place>& places,
                                std::chrono::milliseconds patience);

// Sets a consumer's position back in the database. `topic` without prefix. False where another owner has taken over or
// it has moved meanwhile. Throws postgres::Error.
bool reset_position(postgres::Pool& pool, const std::string& topic, int partition, std::int64_t epoch,
                    std::int64_t expected, std::int64_t to);

}  // namespace loomline::eventing
