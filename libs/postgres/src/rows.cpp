#include "loomline/postgres/rows.hpp"

#include <stdexcept>

#include "src/answer.hpp"
#include "src/text.hpp"

namespace loomline::postgres {
namespace {

[[noreturn]] void mismatch(int column, unsigned type, const char* wanted) {
  throw std::logic_error("column " + std::to_string(column) + " has type oid " + std::to_string(type) +
                         ", not one that reads as " + wanted + "; cast it in the statement");
}

}  // namespace

std::string_view Row::field(int column) const {
  if (column < 0 || column >= answer_->columns) {
    throw std::logic_error("column " + std::to_string(column) + " does not exist");
  }
  return answer_->fields[static_cast<std::size_t>(row_) * static_cast<std::size_t>(answer_->columns) +
                         static_cast<std::size_t>(column)];
}

bool Row::is_null(int column) const { return field(column).data() == nullptr; }

std::string_view Row::value(int column) const {
  const auto found = field(column);
  if (found.data() == nullptr) {
    throw std::logic_error("column " + std::to_string(column) + " is NULL; read it as an optional");
  }
  return found;
}

unsigned Row::type(int column) const { return answer_->types[static_cast<std::size_t>(column)]; }

std::int64_t Row::int64(int column) const {
  const auto found = value(column);
  switch (type(column)) {
    case kInt8:
    case kInt4:
    case kInt2:
    case kOid:
      return read_int64(found);
    default:
      mismatch(column, type(column), "an integer");
  }
}

double Row::real(int column) const {
  const auto found = value(column);
  if (type(column) == kFloat8) return read_double(found);
  if (type(column) == kFloat4) return read_float(found);
  mismatch(column, type(column), "a real number");
}

bool Row::boolean(int column) const {
  const auto found = value(column);
  if (type(column) != kBool) mismatch(column, type(column), "a boolean");
  return found == "t";
}

std::string_view Row::text(int column) const {
  const auto found = value(column);
  switch (type(column)) {
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kJson:
    case kJsonb:
    case kUnknown:
      return found;
    default:
      mismatch(column, type(column), "text");
  }
}

std::string_view Row::bytes(int column) const {
  const auto found = value(column);
  if (type(column) != kBytea) mismatch(column, type(column), "bytes");
  return found;
}

std::string_view Row::string(int column) const {
  const auto found = value(column);
  return type(column) == kBytea ? found : text(column);
}

Time Row::time(int column) const {
  const auto found = value(column);
  if (type(column) != kTimestamptz) mismatch(column, type(column), "a time");
  return read_time(found);
}

std::vector<std::int64_t> Row::int64s(int column) const {
  const auto found = value(column);
  if (type(column) != kInt8Array) mismatch(column, type(column), "bigint[]");
  std::vector<std::int64_t> out;
  for (const auto& item : read_array(found)) out.push_back(read_int64(item));
  return out;
}

std::vector<std::string> Row::texts(int column) const {
  const auto found = value(column);
  if (type(column) != kTextArray && type(column) != kByteaArray) mismatch(column, type(column), "text[]");
  auto out = read_array(found);
  if (type(column) == kTextArray) return out;
  for (auto& item : out) {
    std::string bytes(hex_bytes(item), '\0');
    read_hex(item, bytes.data());
    item = std::move(bytes);
  }
  return out;
}

int Rows::size() const { return answer_ ? answer_->rows : 0; }

Row Rows::operator[](int row) const {
  if (row < 0 || row >= size()) throw std::logic_error("row " + std::to_string(row) + " does not exist");
  return {answer_, row};
}

Row Rows::one() const {
  if (size() != 1) throw std::logic_error("expected one row, got " + std::to_string(size()));
  return (*this)[0];
}

std::int64_t Rows::affected() const { return answer_ ? answer_->affected : 0; }

}  // namespace loomline::postgres
