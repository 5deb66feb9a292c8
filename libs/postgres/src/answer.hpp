// A statement's rows, taken out of libpqxx's result once: afterwards they are read without it, from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace loomline::postgres {

// Type oids that the getters know (pg_type.dat).
enum TypeOid : unsigned {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kOid = 26,
  kJson = 114,
  kFloat4 = 700,
  kFloat8 = 701,
  kUnknown = 705,
  kByteaArray = 1001,
  kTextArray = 1009,
  kInt8Array = 1016,
  kBpchar = 1042,
  kVarchar = 1043,
  kTimestamptz = 1184,
  kJsonb = 3802,
};

struct Answer {
  int rows = 0;
  int columns = 0;
  std::int64_t affected = 0;
  std::vector<unsigned> types;           // a type oid for each column
  std::vector<std::string_view> fields;  // row by row, in PostgreSQL's text form, bytea decoded; null data is NULL
  std::shared_ptr<const void> text;      // owns what `fields` points into,
  std::unique_ptr<char[]> bytes;         // as this does for bytea
};

}  // namespace loomline::postgres
