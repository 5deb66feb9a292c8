// What must hold when an installation has come to rest, whatever went wrong before.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/conformance/installation.hpp"

namespace loomline::eventing::conformance {

// A client, and what it was told.
struct Client {
  Call call;
  AskedPtr asked;
  bool acknowledged = false, refused = false;
  std::int64_t total = 0;
  std::string last;  // what it was told last
};
struct Record {
  std::vector<Client> clients;
  std::set<std::string> dropped;  // tags of fills that an operator dropped
};

BoxState box_state(Installation& at, const std::string& service, const std::string& kind, const std::string& key);
std::vector<std::string> tags_of(const BoxState& state);

// A sentence for each rule that is broken.
std::vector<std::string> broken_rules(Installation& at, const Record& record);

}  // namespace loomline::eventing::conformance
