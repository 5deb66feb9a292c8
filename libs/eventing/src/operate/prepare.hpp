// What a service needs before it starts: its database as this program wants it, and its topics.
#pragma once

#include <string>

#include "loomline/eventing/runtime.hpp"
#include "loomline/postgres/connection.hpp"
#include "src/decide/registry.hpp"

namespace loomline::eventing {

// How the kernel's connections are set.
postgres::Options database_options(const std::string& conninfo, const std::string& service);

// Makes the service's database where there is none, and takes it to this program's version. Throws std::runtime_error
// where it was made for another number of partitions, postgres::Error where it cannot be reached.
void prepare_database(const Service& service, const Options& options, const std::string& database, int partitions);

// Makes the topics that it says and hears where they are missing. Throws std::runtime_error.
void prepare_topics(const Registry& registry, const Options& options);

}  // namespace loomline::eventing
