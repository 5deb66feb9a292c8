// The way into the operations pages.
#pragma once

#include "loomline/base/status.hpp"
#include "pages/html.hpp"

namespace loomline::edge {

// `failed`: the token that was sent is no good.
http::Response login_page(const http::Request& request, bool failed, int status);

}  // namespace loomline::edge
