// Percent-encoding, query strings and forms, strictly: a broken escape, a control character or invalid UTF-8 is an
// error that names its byte offset, never passed on.
#pragma once

#include <string>
#include <string_view>

#include "loomline/base/status.hpp"
#include "loomline/http/message.hpp"

namespace loomline::http {

enum class Plus { literal, space };          // what '+' means: itself in a path, a space in a query or form
enum class Controls { refuse, allow_text };  // allow_text: tab, line feed and carriage return pass (a form's text area)

Result<std::string> percent_decode(std::string_view text, Plus plus, Controls controls = Controls::refuse);
// Everything but unreserved characters is escaped.
std::string percent_encode(std::string_view text);

// "a=1&b=2" of a query string. At most 256 pairs.
Result<Params> parse_query(std::string_view query);
// A body of type application/x-www-form-urlencoded; text areas keep their line breaks.
Result<Params> parse_form(std::string_view body);

// & < > " ' as entities: for text and for quoted attribute values.
std::string escape_html(std::string_view text);

bool is_valid_utf8(std::string_view text);

}  // namespace loomline::http
