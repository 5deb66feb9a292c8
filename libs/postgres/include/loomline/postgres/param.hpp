// Statement parameters. The statement declares their types, by a column or a cast ($1::bigint): nothing here names
// them. Scalars travel as text, so that a string may stand for jsonb, uuid or any other type with a text form; bytea
// and arrays travel in PostgreSQL's binary format, which needs the exact type in the statement ($1::bytea, $2::text[]).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loomline/base/time.hpp"

namespace loomline::postgres {

// Marks raw bytes for a bytea parameter. Borrows: must outlive the call that it is passed to.
struct Bytes {
  std::string_view data;
};

class Param {
 public:
  Param(std::nullptr_t) : null_(true) {}  // NOLINT: implicit so that calls read as SQL does
  Param(std::string_view text);           // NOLINT borrows
  Param(const std::string& text);         // NOLINT borrows
  Param(const char* text);                // NOLINT borrows
  Param(Bytes bytes);                     // NOLINT borrows
  Param(bool value);                      // NOLINT
  Param(double value);                    // NOLINT
  Param(Time value);                      // NOLINT timestamptz; Time::max() is infinity, Time::min() -infinity
  template <std::integral I>
  requires(!std::same_as<I, bool>) Param(I value) : Param(Int64{static_cast<std::int64_t>(value)}) {}  // NOLINT bigint
  template <class T>
  Param(const std::optional<T>& value) : Param(value ? Param(*value) : Param(nullptr)) {}  // NOLINT

  // Internal: what travels.
  bool null() const { return null_; }
  bool binary() const { return binary_; }
  std::string_view wire() const { return borrowed_ ? text_ : std::string_view(owned_); }

 private:
  struct Int64 {
    std::int64_t value;
  };
  explicit Param(Int64 value);
  friend class ArrayEncoder;

  bool null_ = false;
  bool binary_ = false;
  bool borrowed_ = false;
  std::string_view text_;
  std::string owned_;
};

// Builds one array parameter, binary unless it is empty; the functions below wrap it.
class ArrayEncoder {
 public:
  explicit ArrayEncoder(unsigned element_oid);
  void add(std::int64_t value);
  void add(bool value);
  void add(double value);
  void add(std::string_view bytes);
  void add_null();
  Param finish() &&;

 private:
  void begin_element(std::uint32_t size);
  unsigned element_oid_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  std::string out_;
};

namespace detail {
template <class As, class Range>
Param encode_array(unsigned element_oid, const Range& range) {
  ArrayEncoder encoder(element_oid);
  for (const auto& item : range) {
    if constexpr (requires { item.has_value(); }) {
      if (item.has_value()) {
        encoder.add(static_cast<As>(*item));
      } else {
        encoder.add_null();
      }
    } else {
      encoder.add(static_cast<As>(item));
    }
  }
  return std::move(encoder).finish();
}
}  // namespace detail

// Any range of integers, text or bytes; an element that is an empty std::optional becomes NULL.
template <class Range>
Param bigint_array(const Range& range) {
  return detail::encode_array<std::int64_t>(20, range);
}
template <class Range>
Param text_array(const Range& range) {
  return detail::encode_array<std::string_view>(25, range);
}
template <class Range>
Param bytea_array(const Range& range) {
  return detail::encode_array<std::string_view>(17, range);
}
template <class Range>
Param bool_array(const Range& range) {
  return detail::encode_array<bool>(16, range);
}
template <class Range>
Param double_array(const Range& range) {
  return detail::encode_array<double>(701, range);
}

}  // namespace loomline::postgres
