// Big-endian integers of PostgreSQL's binary formats.
#pragma once

#include <cstdint>
#include <string>

namespace loomline::postgres {

inline constexpr std::int64_t kEpoch2000Micros = 946684800LL * 1000000LL;  // PostgreSQL counts from 2000-01-01 UTC

template <class U>
void append_be(std::string& out, U value) {
  for (int shift = static_cast<int>(sizeof(U)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

template <class U>
U read_be(const char* in) {
  U value = 0;
  for (std::size_t i = 0; i < sizeof(U); ++i) value = static_cast<U>((value << 8) | static_cast<unsigned char>(in[i]));
  return value;
}

}  // namespace loomline::postgres
