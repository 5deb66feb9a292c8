#include "loomline/edge/limits.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <string_view>

namespace loomline::edge {
namespace {

constexpr const char* kRemedy =
    "write ROLE=PER_SECOND or ROLE=PER_SECOND:BURST, for example customer=10:120, or staff=0";

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0) return {};
  return value;
}

// "10:120". Without a burst: what ten seconds fill, so that who comes seldom is not held up.
std::optional<Rate> read_rate(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto per_second = number(text.substr(0, colon));
  if (!per_second) return {};
  if (colon == text.npos) return Rate{*per_second, std::max(4.0, 10 * *per_second)};
  const auto burst = number(text.substr(colon + 1));
  if (!burst || *burst < 1) return {};
  return Rate{*per_second, *burst};
}

// A variable of the environment holds all of them, apart by spaces.
std::vector<std::string> words_of(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const auto& text : texts) {
    std::istringstream words(text);
    for (std::string word; words >> word;) out.push_back(word);
  }
  return out;
}

}  // namespace

Result<Limits> read_limits(const std::vector<std::string>& texts, int proxies) {
  Limits limits;
  if (proxies < 0 || proxies > 10)
    return invalid("--proxies", "is not a number from 0 to 10", "count the proxies that a call comes through");
  limits.proxies = proxies;
  for (const auto& text : words_of(texts)) {
    const std::size_t equals = text.find('=');
    const auto role = limits.by_role.find(text.substr(0, equals));
    if (role == limits.by_role.end())
      return invalid("--limit", "'" + text + "' names no role",
                     "use anyone, customer, portal, ticketing, staff or mes; " + std::string(kRemedy));
    const auto rate = read_rate(equals == text.npos ? "" : std::string_view(text).substr(equals + 1));
    if (!rate) return invalid("--limit", "'" + text + "' has no rate that can be read", kRemedy);
    role->second = *rate;
  }
  return limits;
}

}  // namespace loomline::edge
