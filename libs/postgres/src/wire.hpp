// Big-endian integers of PostgreSQL's binary array format.
#pragma once

#include <cstdint>
#include <string>

namespace loomline::postgres {

template <class U>
void put_be(char* to, U value) {
  for (int shift = static_cast<int>(sizeof(U)) * 8 - 8; shift >= 0; shift -= 8)
    *to++ = static_cast<char>((value >> shift) & 0xff);
}

template <class U>
void append_be(std::string& out, U value) {
  char bytes[sizeof(U)];
  put_be(bytes, value);
  out.append(bytes, sizeof bytes);
}

}  // namespace loomline::postgres
