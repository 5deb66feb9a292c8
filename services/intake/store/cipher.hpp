// AES-256-GCM with a random nonce: sealed = nonce (12 bytes), ciphertext, tag (16 bytes).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loomline::intake::store {

inline constexpr std::size_t key_bytes = 32;

// From the operating system; throws std::runtime_error where it has none.
std::string random_bytes(std::size_t count);

// `bound_to` is authenticated but not kept: what is opened under another name fails.
std::string seal(std::string_view key, std::string_view plain, std::string_view bound_to);
// Nothing where the key, the name or the bytes are not those that were sealed.
std::optional<std::string> open(std::string_view key, std::string_view sealed, std::string_view bound_to);

}  // namespace loomline::intake::store
