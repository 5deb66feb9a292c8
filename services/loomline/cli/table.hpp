// Text for people: aligned columns, as wide as the terminal font makes them.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace loomline::cli {

// Columns that a terminal needs for UTF-8 `text`: 2 for East Asian wide characters, 1 for others, 0 for combining
// marks.
std::size_t display_width(std::string_view text);

// Control characters (a name from elsewhere may hold an escape sequence) become '?'.
std::string printable(std::string_view text);

class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // With `colour` the header is bold.
  void print(std::ostream& out, bool colour) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace loomline::cli
