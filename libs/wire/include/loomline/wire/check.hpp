// Checks of request fields, each naming field, problem and remedy. Collect them, then ask for the status:
//
//   wire::Checker check;
//   check.id("order_id", request.order_id(), prefix::order);
//   check.range("quantity", request.quantity(), 1, 10000);
//   if (auto status = check.status(); !status.ok()) return status;
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::wire {

// "lines[3].quantity" from ("lines", 3, "quantity").
std::string path(std::string_view list, int index, std::string_view field = {});

class Checker {
 public:
  // An id with the prefix. `required` false: empty is fine.
  void id(std::string field, std::string_view value, std::string_view id_prefix, bool required = true);
  // Inclusive limits.
  void range(std::string field, std::int64_t value, std::int64_t lowest, std::int64_t highest);
  // Valid UTF-8 without control characters other than tab and line breaks, at most `most` bytes.
  void text(std::string field, std::string_view value, std::size_t most, bool required = true);
  // ISO 3166-1 alpha-2, by form.
  void country(std::string field, std::string_view value, bool required = true);
  // ISO 4217, by form.
  void currency(std::string field, std::string_view value, bool required = true);
  // A zone that the IANA database of this machine knows.
  void zone(std::string field, std::string_view value, bool required = true);
  // A stable code: upper-snake, at most 64 characters.
  void code(std::string field, std::string_view value, bool required = true);
  // Anything else.
  void fail(std::string field, std::string problem, std::string remedy);
  void require(bool holds, std::string field, std::string problem, std::string remedy);

  bool ok() const { return status_.ok(); }
  // ok, or invalid_argument INVALID_FIELD with every violation.
  const Status& status() const { return status_; }

 private:
  Status status_;
};

}  // namespace loomline::wire
