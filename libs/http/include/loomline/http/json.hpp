// A strict, non-recursive pass over JSON text to run before any JSON parser: the parsers that follow are lenient, and
// some of them recurse or take quadratic time on hostile input.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::http {

struct JsonLimits {
  std::size_t max_bytes = 1 << 20;
  int max_depth = 32;
  std::size_t max_values = 100'000;  // members, elements and scalars
};

// ok where `text` is one RFC 8259 value in valid UTF-8 within the limits, whose objects name no member twice; otherwise
// invalid_argument (reason JSON_SYNTAX, JSON_DEPTH, JSON_SIZE or JSON_TWICE) whose violation names the byte offset as
// field "body[OFFSET]".
Status check_json(std::string_view text, const JsonLimits& limits);
Status check_json(std::string_view text, int max_depth = 32);

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD; '<', '>' and '&' are escaped so that
// the result may stand inside a script element.
std::string json_quote(std::string_view text);

}  // namespace loomline::http
