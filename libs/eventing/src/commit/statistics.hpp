// What PostgreSQL knows of the kernel's tables, kept true while they grow.
//
// A session plans a statement once, by what is known of its tables then. Of a table with a handful of rows every index
// seems as good as any other; the same choice reads the whole table for each row once there are thousands. The server
// takes statistics by itself, and plans anew with them, but looks once a minute: too seldom for a plant that fills up
// in that minute.
#pragma once

#include "loomline/postgres/pool.hpp"

namespace loomline::eventing {

// Takes the statistics anew of tables that have grown to more than four times what they say; answers how many those
// were. From a sample of 3,000 rows at most, as the server would with default_statistics_target 10. Above 100,000 rows
// it is left to the server. Throws postgres::Error.
int follow_growth(postgres::Pool& pool);

}  // namespace loomline::eventing
