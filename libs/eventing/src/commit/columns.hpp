// Arrays that become the columns of an unnest().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loomline/postgres/rows.hpp"
#include "src/decide/resident.hpp"

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

// An offer from the columns is_timer, event_id, type, source, recorded, traceparent, body, topic, partition, position.
Offer read_offer(const postgres::Row& row, int first);

}  // namespace loomline::eventing
