// Connection strings as libpq documents them ("34.1.1. Connection Strings"), read without it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loomline::postgres {

// Keywords and values in the order in which they were given; a keyword stands once, with its last value.
class Conninfo {
 public:
  // Reads "host=db port='5432'" or "postgresql://user:secret@host:5432/name?sslmode=require"; throws Error(other) where
  // the text is neither. The message never holds a value: it may be a password.
  static Conninfo parse(std::string_view text);

  // Empty where the keyword is absent.
  std::string_view get(std::string_view keyword) const;
  void set(std::string_view keyword, std::string_view value);
  // keyword='value' with quotes and backslashes escaped.
  std::string text() const;

 private:
  void parse_keywords(std::string_view text);
  void parse_uri(std::string_view text);

  std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace loomline::postgres
