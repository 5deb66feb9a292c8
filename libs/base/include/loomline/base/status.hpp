// Expected failures as values. A Status says what went wrong, in which field, and what to do about it; the mapping to
// gRPC and HTTP codes stands once, in libs/rpc and libs/http.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loomline {

// The canonical codes, numbered as gRPC numbers them so that the mapping is the identity.
enum class Code {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

// The lower-case name of a code, as it appears in JSON errors and logs ("invalid_argument").
std::string_view name(Code code);

// One thing wrong with the input: the field as a path ("lines[0].quantity.value"), the problem, and the remedy.
struct Violation {
  std::string field;
  std::string problem;
  std::string remedy;
  bool operator==(const Violation&) const = default;
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  // `reason` is a stable upper-snake identifier that a program may switch on ("MODEL_UNKNOWN"); `message` is a whole
  // sentence in English for a person; neither holds personal data.
  Status(Code code, std::string reason, std::string message)
      : code_(code), reason_(std::move(reason)), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::ok; }
  Code code() const { return code_; }
  const std::string& reason() const { return reason_; }
  const std::string& message() const { return message_; }
  const std::vector<Violation>& violations() const { return violations_; }

  // Adds what a field is wrong with; chains.
  Status&& with(Violation violation) &&;
  Status& with(Violation violation) &;

  // "invalid_argument QUANTITY: The order has no quantity. lines[0].quantity: is missing; give a whole number above 0"
  std::string to_string() const;

 private:
  Code code_ = Code::ok;
  std::string reason_;
  std::string message_;
  std::vector<Violation> violations_;
};

Status invalid(std::string field, std::string problem, std::string remedy);
Status not_found(std::string reason, std::string message);
Status failed_precondition(std::string reason, std::string message);
Status unavailable(std::string reason, std::string message);
Status internal(std::string message);

// Either a value or a Status that is not ok. value() on an error throws std::logic_error: test ok() first.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {  // NOLINT: implicit by design
    if (status_.ok()) throw std::logic_error("Result made from an ok Status");
  }
  bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Status& status() const { return status_; }
  T& value() & { return check(), *value_; }
  const T& value() const& { return check(), *value_; }
  T&& value() && { return check(), std::move(*value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  void check() const {
    if (!value_) throw std::logic_error("Result holds an error: " + status_.to_string());
  }
  std::optional<T> value_;
  Status status_;
};

}  // namespace loomline
