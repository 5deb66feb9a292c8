// What is kept of parts that were taken out of their aggregates.
#pragma once

#include <chrono>
#include <cstdint>

#include "loomline/postgres/pool.hpp"

namespace loomline::eventing {

// A part that was taken out stays as a row without a body, so that another process that knows the aggregate as it was
// before sees that it went (load.hpp, refresh). Rows that are older than `age` are deleted, at most 50,000 in a call,
// and it is noted up to which version of the aggregate that is so: who knows an older one reads it anew. Answers how
// many were deleted. Throws postgres::Error.
std::int64_t forget_parts(postgres::Pool& pool, std::chrono::seconds age);

}  // namespace loomline::eventing
