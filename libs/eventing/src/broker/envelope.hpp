// CloudEvents 1.0.2 in Kafka's binary mode: the headers around a protobuf value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"

namespace loomline::eventing {

struct Envelope {
  std::string id, source, type, tenant, causation, traceparent;
  Time time{};
  std::int64_t epoch = 0, seq = 0;
};

// "source/epoch/topic/partition/seq": unique, and says where the event stands in its chain. `topic` without prefix.
std::string event_id(std::string_view source, std::int64_t epoch, std::string_view topic, int partition,
                     std::int64_t seq);

using Headers = std::vector<std::pair<std::string, std::string>>;
Headers to_headers(const Envelope& envelope);
// invalid_argument naming the header that is missing or malformed: the bytes are foreign.
Result<Envelope> from_headers(const std::map<std::string, std::string, std::less<>>& headers);

}  // namespace loomline::eventing
