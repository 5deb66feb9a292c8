// `loomline demo`: real orders from wish to survey on a running installation, and a check of every outcome.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace loomline::demo {

struct Options {
  std::string url = "http://127.0.0.1:8080";  // the edge
  std::string token;                          // of the role STAFF (LOOMLINE_TOKEN)
  std::vector<std::string> products;          // folders with a product and its plant
  int orders = 200;                           // valid ones; those that are cancelled among them
  int invalid = 20;                           // ones that cannot be built
  std::uint64_t seed = 1;
  std::string summary_file;              // JSON; empty: none
  int quantum_minutes = 15;              // the business clock moves in multiples of it
  std::map<std::string, double> wall;    // seconds that others took before: "install", "build"
  std::map<std::string, int> processes;  // whose memory is watched, with their children: "loomline" -> pid
};

// Publishes the products, places the orders, plays plants, carriers and customers until everything has ended, and
// prints a live table on the way. Blocks. 0: every expected outcome holds; 1: one does not (it is named); 4: the
// installation could not be used (unreachable, token refused, wall clock).
int run(const Options& options, std::ostream& out);

}  // namespace loomline::demo
