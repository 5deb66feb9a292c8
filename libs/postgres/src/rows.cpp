#include "loomline/postgres/rows.hpp"

#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <stdexcept>

#include "src/wire.hpp"

namespace loomline::postgres {
namespace {

enum Oid_ : unsigned {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kOidType = 26,
  kJson = 114,
  kFloat4 = 700,
  kFloat8 = 701,
  kUnknown = 705,
  kBpchar = 1042,
  kVarchar = 1043,
  kTimestamptz = 1184,
  kJsonb = 3802,
};

[[noreturn]] void mismatch(int column, unsigned type, const char* wanted) {
  throw std::logic_error("column " + std::to_string(column) + " has type oid " + std::to_string(type) +
                         ", not one that reads as " + wanted + "; cast it in the statement");
}

// Elements of a one-dimensional binary array without NULLs.
std::vector<std::string_view> elements(std::string_view wire) {
  if (wire.size() < 12) throw std::logic_error("not a binary array");
  if (read_be<std::uint32_t>(wire.data()) == 0) return {};
  const auto count = read_be<std::uint32_t>(wire.data() + 12);
  std::vector<std::string_view> out;
  out.reserve(count);
  std::size_t at = 20;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto length = read_be<std::uint32_t>(wire.data() + at);
    at += 4;
    if (length == ~std::uint32_t{0}) throw std::logic_error("array holds a NULL");
    out.push_back(wire.substr(at, length));
    at += length;
  }
  return out;
}

}  // namespace

bool Row::is_null(int column) const {
  if (column < 0 || column >= PQnfields(result_.get())) {
    throw std::logic_error("column " + std::to_string(column) + " does not exist");
  }
  return PQgetisnull(result_.get(), row_, column) != 0;
}

std::string_view Row::raw(int column) const {
  if (is_null(column)) throw std::logic_error("column " + std::to_string(column) + " is NULL; read it as an optional");
  return {PQgetvalue(result_.get(), row_, column), static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

unsigned Row::type(int column) const { return PQftype(result_.get(), column); }

std::int64_t Row::int64(int column) const {
  const auto wire = raw(column);
  switch (type(column)) {
    case kInt8:
      return static_cast<std::int64_t>(read_be<std::uint64_t>(wire.data()));
    case kInt4:
      return static_cast<std::int32_t>(read_be<std::uint32_t>(wire.data()));
    case kOidType:
      return read_be<std::uint32_t>(wire.data());
    case kInt2:
      return static_cast<std::int16_t>(read_be<std::uint16_t>(wire.data()));
    default:
      mismatch(column, type(column), "an integer");
  }
}

double Row::real(int column) const {
  const auto wire = raw(column);
  if (type(column) == kFloat8) return std::bit_cast<double>(read_be<std::uint64_t>(wire.data()));
  if (type(column) == kFloat4) return static_cast<double>(std::bit_cast<float>(read_be<std::uint32_t>(wire.data())));
  mismatch(column, type(column), "a real number");
}

bool Row::boolean(int column) const {
  if (type(column) != kBool) mismatch(column, type(column), "a boolean");
  return raw(column)[0] != '\0';
}

std::string_view Row::text(int column) const {
  const auto wire = raw(column);
  switch (type(column)) {
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kJson:
    case kUnknown:
      return wire;
    case kJsonb:
      return wire.substr(1);  // a version byte stands first
    default:
      mismatch(column, type(column), "text");
  }
}

std::string_view Row::bytes(int column) const {
  if (type(column) != kBytea) mismatch(column, type(column), "bytes");
  return raw(column);
}

std::string_view Row::string(int column) const { return type(column) == kBytea ? bytes(column) : text(column); }

Time Row::time(int column) const {
  if (type(column) != kTimestamptz) mismatch(column, type(column), "a time");
  const auto micros = static_cast<std::int64_t>(read_be<std::uint64_t>(raw(column).data()));
  return Time(Duration(micros + kEpoch2000Micros));
}

std::vector<std::int64_t> Row::int64s(int column) const {
  if (type(column) != 1016) mismatch(column, type(column), "bigint[]");
  std::vector<std::int64_t> out;
  for (auto item : elements(raw(column))) {
    out.push_back(static_cast<std::int64_t>(read_be<std::uint64_t>(item.data())));
  }
  return out;
}

std::vector<std::string> Row::texts(int column) const {
  if (type(column) != 1009 && type(column) != 1001) mismatch(column, type(column), "text[]");
  std::vector<std::string> out;
  for (auto item : elements(raw(column))) out.emplace_back(item);
  return out;
}

int Rows::size() const { return result_ ? PQntuples(result_.get()) : 0; }

Row Rows::operator[](int row) const {
  if (row < 0 || row >= size()) throw std::logic_error("row " + std::to_string(row) + " does not exist");
  return {result_, row};
}

Row Rows::one() const {
  if (size() != 1) throw std::logic_error("expected one row, got " + std::to_string(size()));
  return (*this)[0];
}

std::int64_t Rows::affected() const {
  if (!result_) return 0;
  // PQcmdTuples takes a non-const pointer but only reads.
  const std::string_view text = PQcmdTuples(const_cast<pg_result*>(result_.get()));
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace loomline::postgres
