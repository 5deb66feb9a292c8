// Tables about holes in chains, beside the kernel's own.
#pragma once

#include <span>

#include "loomline/postgres/migrations.hpp"

namespace loomline::eventing {

std::span<const postgres::Migration> publish_migrations();

}  // namespace loomline::eventing
