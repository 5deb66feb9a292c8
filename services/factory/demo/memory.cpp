#include "memory.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace loomline::demo {

namespace {

namespace fs = std::filesystem;

int number(const std::string& text) {
  int value = 0;
  const auto* end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ptr == end ? value : 0;
}

// Every process and its parent. /proc/PID/stat: the name may hold blanks, so the fields are counted after its ')'.
std::map<int, int> parents() {
  std::map<int, int> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const int pid = number(entry.path().filename().string());
    if (pid == 0) continue;
    std::ifstream in(entry.path() / "stat");
    std::string line;
    std::getline(in, line);
    const auto close = line.rfind(')');
    if (close == std::string::npos) continue;
    std::istringstream rest(line.substr(close + 1));
    std::string state;
    int parent = 0;
    rest >> state >> parent;
    out[pid] = parent;
  }
  return out;
}

std::int64_t pss_kib(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("Pss:")) return std::stoll(line.substr(4));
  return 0;
}

bool descends(int pid, int ancestor, const std::map<int, int>& parents) {
  for (int steps = 0; pid > 1 && steps < 64; ++steps) {
    if (pid == ancestor) return true;
    const auto found = parents.find(pid);
    if (found == parents.end()) return false;
    pid = found->second;
  }
  return false;
}

}  // namespace

MemoryWatch::MemoryWatch(std::map<std::string, int> processes) : processes_(std::move(processes)) {
  if (processes_.empty()) return;
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      lock.unlock();
      sample();
      lock.lock();
      wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stop_; });
    }
  });
}

MemoryWatch::~MemoryWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void MemoryWatch::sample() {
  const auto tree = parents();
  std::map<std::string, std::int64_t> each;
  std::int64_t total = 0;
  for (const auto& [pid, parent] : tree)
    for (const auto& [name, root] : processes_) {
      if (!descends(pid, root, tree)) continue;
      const auto kib = pss_kib(pid);
      each[name] += kib;
      total += kib;
    }
  const std::lock_guard lock(mutex_);
  peak_.total_kib = std::max(peak_.total_kib, total);
  for (const auto& [name, kib] : each) peak_.each_kib[name] = std::max(peak_.each_kib[name], kib);
}

MemoryWatch::Peak MemoryWatch::peak() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

}  // namespace loomline::demo
