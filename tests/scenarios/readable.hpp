// From what a planner writes to protobuf's text form. Read with the type of the message, so that
//
//   occurred_at: "2026-03-02T08:00:00Z"          is a Timestamp (RFC 3339)
//   window: "2026-03-04T00:00:00Z/2026-03-06T00:00:00Z"   a TimeWindow
//   quantity: "12.5 KGM"                          a Quantity (UN/ECE unit)
//   budget: "841.90 EUR"                          a Money
//   name: "Compressor | 压缩机"                    a LocalizedText: English, then Chinese
//   state: ENDED                                  a value of an enum, its prefix left out; also where the contract
//   keeps
//                                                 the enum in a number, as (loomline.common.v1.enum_type) says
//
// and a number where an enum's name belongs is refused.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "loomline/base/status.hpp"

namespace loomline::scenarios {

// invalid_argument with the field and what may stand there.
Result<std::string> to_text_form(const google::protobuf::Descriptor& type, const std::string& text);

// The enum that a field holds, also in a number; null where none.
const google::protobuf::EnumDescriptor* enum_of(const google::protobuf::FieldDescriptor& field);

}  // namespace loomline::scenarios
