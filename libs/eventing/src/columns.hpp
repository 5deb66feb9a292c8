// Arrays that become the columns of an unnest().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/batch.hpp"

namespace loomline::eventing {

using Texts = std::vector<std::string_view>;
using Numbers = std::vector<std::int64_t>;

struct KeyColumns {
  Texts tenants, kinds, keys;
  void add(const KeyId& id) {
    tenants.push_back(id.tenant);
    kinds.push_back(id.kind);
    keys.push_back(id.key);
  }
};

// The columns of an Offer, in the order in which pending and dead_letter have them.
struct OfferColumns {
  std::vector<bool> timers;
  Texts ids, types, sources, traceparents, bodies, topics;
  Numbers recorded, partitions, offsets;
  void add(const Offer& offer) {
    timers.push_back(offer.timer);
    ids.push_back(offer.id);
    types.push_back(offer.type);
    sources.push_back(offer.source);
    recorded.push_back(micros(offer.recorded));
    traceparents.push_back(offer.traceparent);
    bodies.push_back(offer.body);
    topics.push_back(offer.topic);
    partitions.push_back(offer.partition);
    offsets.push_back(offer.offset);
  }
};

}  // namespace loomline::eventing
