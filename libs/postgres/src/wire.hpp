// Big-endian integers of PostgreSQL's binary array format.
#pragma once

#include <cstdint>
#include <string>

namespace loomline::postgres {

template <class U>
void append_be(std::string& out, U value) {
  for (int shift = static_cast<int>(sizeof(U)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

}  // namespace loomline::postgres
