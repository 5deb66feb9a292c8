// Text that PostgreSQL will take: UTF-8 without NUL. What comes from outside is checked before it reaches a statement,
// since a text that the database refuses could never even be dead-lettered.
#pragma once

#include <string>
#include <string_view>

namespace loomline::eventing {

bool is_storable(std::string_view text);
// The same text with '?' for every byte that does not belong, and cut to `most` bytes.
std::string storable(std::string_view text, std::size_t most);

}  // namespace loomline::eventing
