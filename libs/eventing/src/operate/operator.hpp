// What an operator sees and decides: dead letters, and what is still to do.
#pragma once

#include "loomline/common/v1/system.pb.h"
#include "loomline/postgres/pool.hpp"
#include "src/engine.hpp"

namespace loomline::eventing {

Result<common::v1::ListDeadLettersResponse> list_dead_letters(Engine& engine, postgres::Pool& pool,
                                                              bool include_closed);

enum class Decision { replay, drop };
Result<common::v1::DeadLetter> resolve_dead_letter(Engine& engine, postgres::Pool& pool, std::string_view id,
                                                   std::string_view note,
                                                   Decision decision);

}  // namespace loomline::eventing
