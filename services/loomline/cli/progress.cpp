#include "progress.hpp"

#include <algorithm>

#include "table.hpp"

namespace loomline::cli {

void Progress::show(std::uint64_t done, std::uint64_t total, const std::string& what) {
  if (!visible_) return;
  constexpr std::uint64_t width = 24;
  const auto filled = total == 0 ? 0 : std::min(width, done * width / total);
  err_ << "\r\033[K[" << std::string(filled, '#') << std::string(width - filled, '.') << "] " << done << '/' << total
       << "  " << printable(what) << std::flush;
  shown_ = true;
}

void Progress::clear() {
  if (shown_) err_ << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace loomline::cli
