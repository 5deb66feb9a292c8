// Any bytes as the body of a request, as the edge reads it: checked, then read into a message; or refused with a field and
// a remedy. What is read can be written, and reads back to the same.
#include <google/protobuf/util/message_differencer.h>
#include <loomline/configuration/v1/configuration.pb.h>
#include <loomline/intake/v1/intake.pb.h>
#include <loomline/scheduling/v1/scheduling.pb.h>

#include <cstdint>
#include <string_view>

#include "loomline/http/json.hpp"
#include "loomline/wire/read_json.hpp"
#include "loomline/wire/write_json.hpp"
#include "property.hpp"

namespace {

using namespace loomline;

template <class Message>
void read(std::string_view text) {
  Message message;
  if (auto status = wire::read_json(text, message); !status.ok()) return fuzz::hold_clear(status);
  std::string written;
  wire::write_json(message, written);
  fuzz::hold(http::check_json(written, 64).ok(), "what is written is JSON", written);
  Message again;
  const auto status = wire::read_json(written, again);
  fuzz::hold(status.ok(), "what is written can be read", status.to_string() + " " + written);
  fuzz::hold(google::protobuf::util::MessageDifferencer::Equals(message, again), "and is the same", written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto status = http::check_json(text); !status.ok()) {
    fuzz::hold_clear(status);
    return 0;
  }
  read<intake::v1::CaptureRequirementRequest>(text);
  read<configuration::v1::PublishModelRequest>(text);
  read<scheduling::v1::PublishPlantRequest>(text);
  return 0;
}
