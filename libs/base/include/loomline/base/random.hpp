// Random bytes that nobody can guess, for identifiers.
#pragma once

#include <span>

namespace loomline {

// Fetches more at once than it is asked for, by thread: a trace needs 8 or 16 bytes, and the generator costs more than
// they do. Not for keys: what was fetched ahead lies in memory. Throws std::runtime_error where the system has none.
void fill_random(std::span<unsigned char> bytes);

}  // namespace loomline
