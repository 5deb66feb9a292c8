#include "api/client_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

namespace loomline::edge {
namespace {

namespace ip = boost::asio::ip;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string network_of(ip::address address) {
  if (address.is_v4()) return address.to_string();
  auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::make_address_v6(bytes).to_string() + "/64";
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

// The nth of the list from its end; a field may be there more than once, which is one list (RFC 9110, 5.3).
std::optional<std::string> nth_from_end(const http::Request& request, int n) {
  std::string all;
  for (const auto& [name, value] : request.headers.all())
    if (same_word(name, "X-Forwarded-For")) all += (all.empty() ? "" : ",") + value;
  std::string_view rest = all;
  for (; n > 1; --n) {
    const std::size_t comma = rest.rfind(',');
    if (comma == rest.npos) return std::nullopt;
    rest = rest.substr(0, comma);
  }
  const std::size_t comma = rest.rfind(',');
  return std::string(trim(comma == rest.npos ? rest : rest.substr(comma + 1)));
}

}  // namespace

std::string client_address(const http::Request& request, int proxies) {
  boost::system::error_code error;
  if (const auto seen = proxies > 0 ? nth_from_end(request, proxies) : std::nullopt) {
    const auto address = ip::make_address(*seen, error);
    if (!error) return network_of(address);
  }
  const auto peer = ip::make_address(request.peer, error);
  return error ? request.peer : network_of(peer);
}

}  // namespace loomline::edge
