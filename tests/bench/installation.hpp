// A private installation on the servers that the environment names, for programs that measure: databases and topics with a
// prefix of their own, gone afterwards.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loomline/eventing/runtime.hpp"

namespace loomline::bench {

class Installation {
 public:
  static constexpr int kPartitions = 6;

  // Exits with 2 and says so where LOOMLINE_POSTGRES or LOOMLINE_KAFKA is not set.
  Installation();
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  const eventing::Options& options() const { return options_; }
  std::string topic(const std::string& name) const { return options_.installation + name; }
  // Conninfo of a service's database.
  std::string database(const std::string& service) const;
  // Exits with 1 and says why where it does not start.
  std::unique_ptr<eventing::Runtime> start(eventing::Service service);

 private:
  eventing::Options options_;
  std::vector<std::string> databases_;
};

}  // namespace loomline::bench
