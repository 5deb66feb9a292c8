// The rows that a statement answered. The getters check the column's type and throw std::logic_error on a mismatch, an
// index that does not exist or an unexpected NULL (a mistake in the program). May be read from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "loomline/base/time.hpp"

namespace loomline::postgres {

struct Answer;  // what came back, in memory

namespace detail {
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

// One row; shares the answer's memory, so views that it gives live as long as any Row or Rows of the same answer.
class Row {
 public:
  bool is_null(int column) const;
  std::int64_t int64(int column) const;  // smallint, integer, bigint
  double real(int column) const;         // double precision, real
  bool boolean(int column) const;
  std::string_view text(int column) const;   // text, varchar, name, json, jsonb, unknown
  std::string_view bytes(int column) const;  // bytea
  Time time(int column) const;               // timestamptz; Time::max() for infinity, Time::min() for -infinity
  // One-dimensional arrays without NULLs.
  std::vector<std::int64_t> int64s(int column) const;  // bigint[]
  std::vector<std::string> texts(int column) const;    // text[] or bytea[]

  // int64_t, int, double, bool, std::string, Time; or std::optional of one of them, empty for NULL.
  template <class T>
  T get(int column) const {
    if constexpr (detail::is_optional<T>) {
      if (is_null(column)) return std::nullopt;
      return get<typename T::value_type>(column);
    } else if constexpr (std::is_same_v<T, bool>) {
      return boolean(column);
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(int64(column));
    } else if constexpr (std::is_same_v<T, double>) {
      return real(column);
    } else if constexpr (std::is_same_v<T, Time>) {
      return time(column);
    } else {
      return T(string(column));
    }
  }

 private:
  friend class Rows;
  Row(std::shared_ptr<const Answer> answer, int row) : answer_(std::move(answer)), row_(row) {}
  std::string_view field(int column) const;
  std::string_view value(int column) const;
  std::string_view string(int column) const;
  unsigned type(int column) const;

  std::shared_ptr<const Answer> answer_;
  int row_;
};

class Rows {
 public:
  Rows() = default;
  explicit Rows(std::shared_ptr<const Answer> answer) : answer_(std::move(answer)) {}

  int size() const;
  bool empty() const { return size() == 0; }
  Row operator[](int row) const;
  // The only row; std::logic_error where there is none or more than one.
  Row one() const;
  // Rows inserted, updated or deleted.
  std::int64_t affected() const;

  class Iterator {
   public:
    Iterator(const Rows* rows, int row) : rows_(rows), row_(row) {}
    Row operator*() const { return (*rows_)[row_]; }
    Iterator& operator++() { return ++row_, *this; }
    bool operator!=(const Iterator& other) const { return row_ != other.row_; }

   private:
    const Rows* rows_;
    int row_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  std::shared_ptr<const Answer> answer_;
};

}  // namespace loomline::postgres
