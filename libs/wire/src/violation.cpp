#include "loomline/wire/violation.hpp"

#include <utility>

namespace loomline::wire {

std::string enum_names(const google::protobuf::EnumDescriptor& type) {
  std::string out;
  for (int i = 0; i < type.value_count(); ++i)
    if (type.value(i)->number() != 0) out += (out.empty() ? "" : ", ") + type.value(i)->name();
  return out;
}

std::string field_names(const google::protobuf::Descriptor& type) {
  std::string out;
  for (int i = 0; i < type.field_count(); ++i) out += (out.empty() ? "" : ", ") + type.field(i)->name();
  return out.empty() ? "nothing: it has no fields" : out;
}

void add_violation(Status& status, std::string field, std::string problem, std::string remedy) {
  static constexpr std::size_t kMost = 20;
  if (status.ok())
    status = Status(Code::invalid_argument, "INVALID_FIELD", "The request has a field that cannot be accepted.");
  if (field.empty()) field = "\"\"";  // somebody sent a field with an empty name
  if (status.violations().size() < kMost) status.with({std::move(field), std::move(problem), std::move(remedy)});
}

}  // namespace loomline::wire
