// A 64-bit number for a content: equal contents have equal ones, whoever computes it and when, since it is stored. Two
// different contents share one by chance only (nobody gains by making them); then a change goes unpublished until the
// next. Not for others.
#pragma once

#include <google/protobuf/message_lite.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace loomline::tracking::domain {

class Digest {
 public:
  template <class Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number> Digest& add(Number number) {
    return mix(static_cast<std::uint64_t>(number));
  }
  Digest& add(std::string_view text) {
    mix(text.size());
    for (; text.size() >= 8; text.remove_prefix(8)) mix(word(text.data(), 8));
    return text.empty() ? *this : mix(word(text.data(), text.size()));
  }
  // Not for messages with maps: their bytes have no fixed order.
  Digest& add(const google::protobuf::MessageLite& message) { return add(message.SerializeAsString()); }

  std::uint64_t value() const { return state_; }

 private:
  static std::uint64_t word(const char* bytes, std::size_t size) {
    std::uint64_t out = 0;
    std::memcpy(&out, bytes, size);
    return out;
  }
  // The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) over a running sum.
  Digest& mix(std::uint64_t more) {
    auto z = state_ + more + 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    state_ = z ^ (z >> 31);
    return *this;
  }
  std::uint64_t state_ = 0;
};

}  // namespace loomline::tracking::domain
