// Pages that say one thing: welcome, and what went wrong.
#pragma once

#include "loomline/base/status.hpp"
#include "loomline/http/message.hpp"
#include "pages/html.hpp"

namespace loomline::edge {

http::Response welcome_page(const http::Request& request);
// An error as a customer reads it: what it means, what to do, the trace id for support.
http::Response refusal_page(const Status& status, const http::Request& request);

}  // namespace loomline::edge
