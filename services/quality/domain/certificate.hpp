// The certificate of a line: what was made, from what, and that it was found good.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "domain/order.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::quality::domain {

// Issues the line's certificate where all its units that count are complete and nothing holds them.
void certify(Order& order, state::v1::Line& line, const Timestamp& at);

// Bytes of an answer. gRPC's clients take 4 MiB at most, if nobody says otherwise; the last unit may exceed this.
inline constexpr std::size_t most_certified_bytes = std::size_t{2} << 20;

// A page of the certificates issued so far, by line in the order's own order: at most `size` units after the one that
// is named (empty: from the first). Nothing where no certificate has such a unit.
std::optional<v1::GetCertificateResponse> certificates(const eventing::Snapshot& snapshot, std::string_view after_unit,
                                                       std::size_t size);

}  // namespace loomline::quality::domain
