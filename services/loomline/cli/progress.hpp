// A progress bar on standard error, for terminals only: silent when the output goes to a file or another program.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace loomline::cli {

class Progress {
 public:
  Progress(std::ostream& err, bool visible) : err_(err), visible_(visible) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::uint64_t done, std::uint64_t total, const std::string& what);
  void clear();  // before other output

 private:
  std::ostream& err_;
  const bool visible_;
  bool shown_ = false;
};

}  // namespace loomline::cli
