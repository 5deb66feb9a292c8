// Messages over pipes, each behind its length (4 bytes, little-endian).
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace loomline::eventing::conformance {

inline std::string framed(const google::protobuf::Message& message) {
  const auto body = message.SerializeAsString();
  const auto size = static_cast<std::uint32_t>(body.size());
  std::string frame(sizeof size, '\0');
  std::memcpy(frame.data(), &size, sizeof size);
  return frame + body;
}

// Takes the first whole message off `bytes`; false where there is none yet.
inline bool take_framed(std::string& bytes, google::protobuf::Message& message) {
  std::uint32_t size = 0;
  if (bytes.size() < sizeof size) return false;
  std::memcpy(&size, bytes.data(), sizeof size);
  if (bytes.size() < sizeof size + size) return false;
  message.ParseFromArray(bytes.data() + sizeof size, static_cast<int>(size));
  bytes.erase(0, sizeof size + size);
  return true;
}

}  // namespace loomline::eventing::conformance
