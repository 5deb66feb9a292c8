#include "domain/link.hpp"

#include <optional>
#include <span>

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"

namespace loomline::intake::domain {
namespace {

constexpr char version = 1;
constexpr std::size_t head_bytes = 9, mac_bytes = 32, most_characters = 200;

std::string mac(std::string_view body, std::string_view key) {
  const auto bytes = hmac_sha256(key, "loomline link\n" + std::string(body));
  return {bytes.begin(), bytes.end()};
}

std::string encode(std::string_view bytes) {
  return base64url(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

// Only the canonical form: bits that encode nothing must be zero, or one link would have several texts.
std::optional<std::string> decode(std::string_view text) {
  std::string bytes;
  unsigned buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = digit(c);
    if (value < 0) return std::nullopt;
    buffer = (buffer << 6U) | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((buffer >> static_cast<unsigned>(bits)) & 0xFFU));
    }
  }
  if (encode(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace

std::string sign(const Link& link, std::string_view key) {
  const auto seconds =
      static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(link.expires).time_since_epoch().count());
  std::string body(1, version);
  for (int shift = 56; shift >= 0; shift -= 8)
    body.push_back(static_cast<char>((seconds >> static_cast<unsigned>(shift)) & 0xFFU));
  body += link.order_id;
  return encode(body + mac(body, key));
}

Result<Link> resolve(std::string_view text, std::string_view key, Time now) {
  const Status refused(Code::unauthenticated, "LINK_REFUSED",
                       "The link is not valid or has expired; ask the shop for a new one.");
  if (text.size() > most_characters) return refused;
  const auto bytes = decode(text);
  if (!bytes || bytes->size() < head_bytes + mac_bytes) return refused;
  const auto body = std::string_view(*bytes).substr(0, bytes->size() - mac_bytes);
  if (!equal_constant_time(mac(body, key), std::string_view(*bytes).substr(body.size()))) return refused;
  std::uint64_t seconds = 0;
  for (const char c : body.substr(1, 8)) seconds = (seconds << 8U) | static_cast<unsigned char>(c);
  Link link{std::string(body.substr(head_bytes)), Time{std::chrono::seconds(static_cast<std::int64_t>(seconds))}};
  if (body[0] != version || !is_id(prefix::order, link.order_id) || now >= link.expires) return refused;
  return link;
}

}  // namespace loomline::intake::domain
