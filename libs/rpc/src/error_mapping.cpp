#include "error_mapping.hpp"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include "loomline/common/v1/error.pb.h"

namespace loomline::rpc {
namespace {

// google.rpc.Status {int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3;}: Debian ships no
// generated code for it, and three fields need none.
constexpr int code_field = 1;
constexpr int message_field = 2;
constexpr int details_field = 3;

std::string wrap(const Status& status, const common::v1::ErrorDetail& detail) {
  google::protobuf::Any any;
  any.PackFrom(detail);
  google::protobuf::Empty envelope;
  auto* fields = envelope.GetReflection()->MutableUnknownFields(&envelope);
  fields->AddVarint(code_field, static_cast<std::uint64_t>(status.code()));
  fields->AddLengthDelimited(message_field, status.message());
  fields->AddLengthDelimited(details_field, any.SerializeAsString());
  return envelope.SerializeAsString();
}

bool unwrap(const std::string& bytes, common::v1::ErrorDetail& detail) {
  google::protobuf::Empty envelope;
  if (bytes.empty() || !envelope.ParseFromString(bytes)) return false;
  const auto& fields = envelope.GetReflection()->GetUnknownFields(envelope);
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() != details_field || field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
      continue;
    google::protobuf::Any any;
    if (any.ParseFromString(field.length_delimited()) && any.UnpackTo(&detail)) return true;
  }
  return false;
}

Code known(grpc::StatusCode code) {
  const int number = static_cast<int>(code);
  return number >= 0 && number <= static_cast<int>(Code::unauthenticated) ? static_cast<Code>(number) : Code::unknown;
}

// What gRPC itself says carries no reason of ours: name the ones a program may want to switch on.
std::string transport_reason(Code code) {
  switch (code) {
    case Code::unavailable:
      return "PEER_UNAVAILABLE";
    case Code::deadline_exceeded:
      return "DEADLINE_EXCEEDED";
    case Code::cancelled:
      return "CANCELLED";
    case Code::resource_exhausted:
      return "MESSAGE_TOO_LARGE";
    case Code::unimplemented:
      return "METHOD_UNKNOWN";
    default:
      return "TRANSPORT";
  }
}

}  // namespace

grpc::Status to_grpc(const Status& status, const std::string& trace_id) {
  if (status.ok()) return grpc::Status::OK;
  common::v1::ErrorDetail detail;
  detail.set_reason(status.reason());
  detail.set_message(status.message());
  detail.set_trace_id(trace_id);
  for (const auto& violation : status.violations()) {
    auto* out = detail.add_violations();
    out->set_field(violation.field);
    out->set_problem(violation.problem);
    out->set_remedy(violation.remedy);
  }
  // gRPC limits all trailers to 8 KiB; what does not fit is cut from the end, never the whole answer.
  constexpr std::size_t trailer_limit = 6000;
  std::string wrapped = wrap(status, detail);
  while (wrapped.size() > trailer_limit && detail.violations_size() > 0) {
    detail.mutable_violations()->RemoveLast();
    wrapped = wrap(status, detail);
  }
  if (wrapped.size() > trailer_limit) wrapped.clear();
  return {static_cast<grpc::StatusCode>(status.code()), status.message().substr(0, 1000), wrapped};
}

Status from_grpc(const grpc::Status& status) {
  if (status.ok()) return {};
  const Code code = known(status.error_code());
  common::v1::ErrorDetail detail;
  if (!unwrap(status.error_details(), detail)) return {code, transport_reason(code), status.error_message()};
  Status result(code, detail.reason(), detail.message());
  for (const auto& violation : detail.violations()) {
    result.with({violation.field(), violation.problem(), violation.remedy()});
  }
  return result;
}

}  // namespace loomline::rpc
