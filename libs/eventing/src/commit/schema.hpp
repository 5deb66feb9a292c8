// The kernel's own tables in every service's database.
#pragma once

#include <span>

#include "loomline/postgres/migrations.hpp"

namespace loomline::eventing {

std::span<const postgres::Migration> kernel_migrations();

}  // namespace loomline::eventing
