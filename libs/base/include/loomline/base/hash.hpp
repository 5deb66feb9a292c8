// Hashes with fixed definitions, safe to store: SHA-256 (OpenSSL), and Kafka's murmur2 partition hash.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace loomline {

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
std::string to_hex(std::span<const std::uint8_t> bytes);

// HMAC-SHA-256 of `bytes` under `secret`, 32 raw bytes.
std::array<std::uint8_t, 32> hmac_sha256(std::string_view secret, std::string_view bytes);

// Equal in content, in time that depends on the length only.
bool equal_constant_time(std::string_view a, std::string_view b);

// RFC 4648 base64url without padding.
std::string base64url(std::span<const std::uint8_t> bytes);

// The 32-bit murmur2 that Apache Kafka's default partitioner uses (org.apache.kafka.common.utils.Utils.murmur2), and
// the partition it gives: (hash & 0x7fffffff) % partitions. A lane is this number.
std::uint32_t murmur2(std::string_view key);
inline int lane_of(std::string_view key, int partitions) {
  return static_cast<int>((murmur2(key) & 0x7fffffffU) % static_cast<unsigned>(partitions));
}

}  // namespace loomline
