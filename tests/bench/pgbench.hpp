// PostgreSQL's own pgbench as a peer: the rows of one command, by a script in its language.
#pragma once

#include <string>

#include "loomline/postgres/connection.hpp"

namespace loomline::bench {

class Pgbench {
 public:
  // `database`: the kernel's tables of the service `fills()`, in which `boxes` boxes have been filled. What is written is as
  // long as what the kernel wrote there.
  Pgbench(std::string database, int boxes);
  ~Pgbench();
  Pgbench(const Pgbench&) = delete;
  Pgbench& operator=(const Pgbench&) = delete;

  enum class Form {
    statements,     // BEGIN, a statement a table, COMMIT: as a service is written by hand
    one_statement,  // all in one, in one round trip
    no_chain,       // the same without the chain's row, for which all clients of a partition wait: numbers with holes
  };
  // Transactions a second (-M prepared, two threads). Throws std::runtime_error where it does not run.
  double run(Form form, int clients, int seconds) const;
  int most_clients() const { return most_clients_; }

 private:
  std::string script(Form form) const;
  double run_once(Form form, int clients, int seconds) const;  // 0: no transaction came to its end

  std::string database_, folder_;
  std::string state_, body_, response_;
  int boxes_, most_clients_ = 0;
};

}  // namespace loomline::bench
