#include "loomline/base/id.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "loomline/base/hash.hpp"
#include "loomline/base/random.hpp"

namespace loomline {

std::string mint_id(std::string_view prefix, Time time, std::string_view seed) {
  static constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto hash = sha256(seed);
  const auto millis = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  std::string out{prefix};
  out += '_';
  for (int shift = 45; shift >= 0; shift -= 5) out += digits[(millis >> shift) & 31];
  unsigned buffer = 0;
  int bits = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    buffer = (buffer << 8) | hash[i];
    for (bits += 8; bits >= 5; bits -= 5) out += digits[(buffer >> (bits - 5)) & 31];
  }
  return out;
}

bool is_id(std::string_view prefix, std::string_view text) {
  if (text.size() < prefix.size() + 2 || text.size() > prefix.size() + 41) return false;
  if (text.substr(0, prefix.size()) != prefix || text[prefix.size()] != '_') return false;
  for (char c : text.substr(prefix.size() + 1))
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-')) return false;
  return true;
}

void fill_random(std::span<unsigned char> bytes) {
  thread_local std::array<unsigned char, 1024> ahead;
  thread_local std::size_t used = ahead.size();
  for (auto& byte : bytes) {
    if (used == ahead.size()) {
      if (RAND_bytes(ahead.data(), static_cast<int>(ahead.size())) != 1)
        throw std::runtime_error("the operating system gave no randomness");
      used = 0;
    }
    byte = std::exchange(ahead[used++], 0);
  }
}

std::string random_hex128() {
  std::array<unsigned char, 16> bytes{};
  fill_random(bytes);
  return to_hex({bytes.data(), bytes.size()});
}

}  // namespace loomline
