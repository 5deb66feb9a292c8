// A database of its own for a test on the server that LOOMLINE_POSTGRES names.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "loomline/base/id.hpp"
#include "loomline/postgres/connection.hpp"

namespace loomline::postgres {

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* server = std::getenv("LOOMLINE_POSTGRES");
    if (server == nullptr) GTEST_SKIP() << "set LOOMLINE_POSTGRES to the conninfo of a role that may create databases";
    admin_.conninfo = server;
    database_ = "pgtest_" + random_hex128();
    ASSERT_TRUE(create_database_if_missing(admin_, database_));
    options_.conninfo = with_database(server, database_);
  }
  void TearDown() override {
    if (database_.empty()) return;
    Connection(admin_).exec_script("DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
  }

  Options admin_;
  Options options_;
  std::string database_;
};

}  // namespace loomline::postgres
