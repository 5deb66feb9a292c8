#include "api/refused.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "loomline/telemetry/metrics.hpp"

namespace loomline::edge {
namespace {

std::string plain(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", number);
  return text.data();
}

std::string seconds(Seconds wait) {
  const long whole = whole_seconds(wait);
  return std::to_string(whole) + (whole == 1 ? " second" : " seconds");
}

// All of them, looked up once.
const std::map<std::string, telemetry::Counter, std::less<>>& counters() {
  static const auto all = [] {
    std::map<std::string, telemetry::Counter, std::less<>> made;
    const auto add = [&](const std::string& why, const std::string& role) {
      made.emplace(why + " " + role,
                   telemetry::counter("loomline_edge_refused_total",
                                      "Calls refused before a service was asked: over the rate, guesses, and "
                                      "credentials that were refused a moment ago",
                                      {{"why", why}, {"role", role}}));
    };
    for (const auto& [role, rate] : Limits{}.by_role) add("rate", role);
    add("guess", "anyone");
    add("remembered", "anyone");
    return made;
  }();
  return all;
}

}  // namespace

long whole_seconds(Seconds wait) { return std::max(1L, static_cast<long>(std::ceil(wait.count()))); }

Status too_many_calls(std::string_view role, const Rate& rate, Seconds wait) {
  count_refused("rate", role);
  const std::string whose = role == "anyone" ? "address" : role == "customer" ? "order" : "token";
  return Status(Code::resource_exhausted, "RATE_LIMITED",
                "There are more calls of this " + whose + " than it may make.")
      .with({whose, "may take " + plain(rate.per_second) + " a second and " + plain(rate.burst) +
                        " at once, where a call that reads counts 1 and one that changes something 4",
             "call again after " + seconds(wait) + " (Retry-After), with the same Idempotency-Key"});
}

Status too_many_guesses(Seconds wait) {
  count_refused("guess", "anyone");
  return Status(Code::resource_exhausted, "TOO_MANY_GUESSES",
                "Too many credentials from this address were wrong; others are not looked at for a while.")
      .with({"Authorization", "was not looked at",
             "check the token or the link, and call again after " + seconds(wait) + " (Retry-After)"});
}

void count_refused(std::string_view why, std::string_view role) {
  const auto found = counters().find(std::string(why) + " " + std::string(role));
  if (found != counters().end()) found->second.increment();
}

}  // namespace loomline::edge
