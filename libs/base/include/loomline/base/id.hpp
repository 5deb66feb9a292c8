// Typed, opaque, sortable identifiers: a prefix that names the kind, then 26 characters of Crockford base32 (a ULID:
// 48 bits of milliseconds, 80 bits that make it unique). "ord_01HF7YAT00N9QJ4V8Z0K3C5T7R".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "loomline/base/time.hpp"

namespace loomline {

// The prefixes of every kind of thing (domain.md, "Things and their identifiers").
namespace prefix {
inline constexpr std::string_view order = "ord", line = "lin", unit = "unt", work_order = "wo", plant = "plt",
                                  model = "mdl", item = "itm", lot = "lot", shipment = "shp", ticket = "tkt",
                                  hold = "hld", promise = "prm", subject = "sub", quote = "quo", requirement = "req",
                                  configuration = "cfg", inspection = "ins", nonconformance = "ncr",
                                  certificate = "crt", survey = "srv", operation = "op";
}  // namespace prefix

// Deterministic: the same prefix, time and seed text give the same id. The 80 bits are SHA-256 of the seed, so that a
// retried command mints what its first try minted, and two seeds collide only as SHA-256 truncated to 80 bits does.
std::string mint_id(std::string_view prefix, Time time, std::string_view seed);

// True where `text` is `prefix`, an underscore, and 1 to 40 characters of [0-9A-Za-z-]. Ids made elsewhere (a plant
// named by its operator: plt_suzhou-1) are legal; what they mean is nobody's business but their owner's.
bool is_id(std::string_view prefix, std::string_view text);

// 128 bits from the operating system as 32 hex digits, for infrastructure (epochs, instance names, tokens); never in a
// domain.
std::string random_hex128();

}  // namespace loomline
