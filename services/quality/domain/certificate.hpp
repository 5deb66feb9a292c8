// The certificate of a line: what was made, from what, and that it was found good.
#pragma once

#include <vector>

#include "domain/order.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::quality::domain {

// Issues the line's certificate where all its units that count are complete and nothing holds them.
void certify(Order& order, state::v1::Line& line, const Timestamp& at);

// The certificates issued so far, by line in the order's own order.
std::vector<v1::Certificate> certificates(const eventing::Snapshot& snapshot);

}  // namespace loomline::quality::domain
