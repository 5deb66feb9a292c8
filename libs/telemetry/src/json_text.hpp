// The few lines of JSON writing that a log line needs.
#pragma once

#include <string>
#include <string_view>

namespace loomline::telemetry {

// `text` as a quoted JSON string. Control characters are escaped, bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace loomline::telemetry
