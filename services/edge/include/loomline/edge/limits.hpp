// How often who may call, and how dearly wrong credentials are sold.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "loomline/base/status.hpp"

namespace loomline::edge {

// A bucket of `burst` that fills with `per_second`; a call that reads takes 1, one that changes something 4. Without a
// limit where per_second is 0.
struct Rate {
  double per_second = 0;
  double burst = 0;
  bool operator==(const Rate&) const = default;
};

// By the caller's role: a token has its own bucket, a customer's link one for its order, everybody else one for the
// address that the call comes from.
struct Limits {
  std::map<std::string, Rate> by_role{{"anyone", {20, 200}},       {"customer", {10, 120}}, {"portal", {1000, 5000}},
                                      {"ticketing", {1000, 5000}}, {"staff", {}},           {"mes", {}}};
  // Proxies in front that add to X-Forwarded-For; 0: the address is that of the connection.
  int proxies = 0;
  // An address may present so many wrong credentials at once, and one more each half minute, before it has to wait 1, 2,
  // 4, ... seconds, 30 at most, until another one of its own is looked at.
  int guesses = 10;
};

// "customer=10:120", "staff=0": what is named replaces the default. invalid_argument where it cannot be read.
Result<Limits> read_limits(const std::vector<std::string>& texts, int proxies);

}  // namespace loomline::edge
