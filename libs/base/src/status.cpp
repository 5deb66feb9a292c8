#include "loomline/base/status.hpp"

#include <array>

namespace loomline {

std::string_view name(Code code) {
  static constexpr std::array<std::string_view, 17> names{
      "ok",        "cancelled",      "unknown",           "invalid_argument",   "deadline_exceeded",
      "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
      "aborted",   "out_of_range",   "unimplemented",     "internal",           "unavailable",
      "data_loss", "unauthenticated"};
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : "unknown";
}

Status&& Status::with(Violation violation) && { return std::move(with(std::move(violation))); }

Status& Status::with(Violation violation) & {
  violations_.push_back(std::move(violation));
  return *this;
}

std::string Status::to_string() const {
  if (ok()) return "ok";
  std::string text{name(code_)};
  if (!reason_.empty()) text += " " + reason_;
  text += ": " + message_;
  for (const auto& violation : violations_)
    text += " " + violation.field + ": " + violation.problem + "; " + violation.remedy;
  return text;
}

Status invalid(std::string field, std::string problem, std::string remedy) {
  return Status(Code::invalid_argument, "INVALID_FIELD", "The request has a field that cannot be accepted.")
      .with({std::move(field), std::move(problem), std::move(remedy)});
}
Status not_found(std::string reason, std::string message) {
  return {Code::not_found, std::move(reason), std::move(message)};
}
Status failed_precondition(std::string reason, std::string message) {
  return {Code::failed_precondition, std::move(reason), std::move(message)};
}
Status unavailable(std::string reason, std::string message) {
  return {Code::unavailable, std::move(reason), std::move(message)};
}
Status internal(std::string message) { return {Code::internal, "INTERNAL", std::move(message)}; }

}  // namespace loomline
