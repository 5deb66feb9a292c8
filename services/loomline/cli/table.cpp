#include "table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace loomline::cli {
namespace {

// The code point that starts at `at`, which moves behind it. Bad bytes count as themselves.
std::uint32_t next(std::string_view text, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at++]);
  if (byte < 0xc0) return byte;
  const int more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
  std::uint32_t point = byte & (0x3fU >> more);
  for (int i = 0; i < more && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80; ++i) {
    point = (point << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3fU);
  }
  return point;
}

struct Range {
  std::uint32_t first, last;
};
// Unicode 15 East Asian Width W and F, in the blocks that occur in text.
constexpr std::array<Range, 10> wide{{{0x1100, 0x115f},
                                      {0x2e80, 0x303e},
                                      {0x3041, 0x33ff},
                                      {0x3400, 0x4dbf},
                                      {0x4e00, 0x9fff},
                                      {0xa000, 0xa4cf},
                                      {0xac00, 0xd7a3},
                                      {0xf900, 0xfaff},
                                      {0xff00, 0xff60},
                                      {0x20000, 0x3fffd}}};

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = next(text, at);
    if (point >= 0x300 && point <= 0x36f) continue;
    const bool two =
        std::any_of(wide.begin(), wide.end(), [&](Range range) { return point >= range.first && point <= range.last; });
    width += two ? 2 : 1;
  }
  return width;
}

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return out;
}

void Table::print(std::ostream& out, bool colour) const {
  std::vector<std::size_t> widths;
  for (const auto& title : header_) widths.push_back(display_width(title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(printable(row[i])));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto cell = printable(cells[i]);
      text += cell;
      if (i + 1 < cells.size()) text.append(widths[i] - display_width(cell) + 2, ' ');
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
  };
  out << (colour ? "\033[1m" : "") << line(header_) << (colour ? "\033[0m" : "") << '\n';
  for (const auto& row : rows_) out << line(row) << '\n';
}

}  // namespace loomline::cli
