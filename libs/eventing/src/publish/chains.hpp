// A chain that a service writes, as its row.
#pragma once

#include <cstdint>
#include <string>

namespace loomline::eventing {

struct Chain {
  std::int64_t id = 0, epoch = 1;
  std::string topic;  // without prefix
  int partition = 0;
  std::int64_t head = 0;  // the last committed seq
  int topic_number = 0;
};

}  // namespace loomline::eventing
