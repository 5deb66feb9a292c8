// CPU of the servers beside this process, where they run on this machine.
#pragma once

#include <string>

#include "loomline/postgres/connection.hpp"

namespace loomline::bench {

// Seconds of CPU of the whole database server so far: its main process, all children that there are, and those that there
// were. Negative where it runs elsewhere.
double database_cpu_seconds(postgres::Connection& connection);

}  // namespace loomline::bench
