// Peak memory of processes with their children, sampled once a second from /proc: proportional set size, so that pages
// that several share are counted once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace loomline::demo {

class MemoryWatch {
 public:
  // By name, the root process.
  explicit MemoryWatch(std::map<std::string, int> processes);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  struct Peak {
    std::int64_t total_kib = 0;                    // of all at one moment
    std::map<std::string, std::int64_t> each_kib;  // of each at its own
  };
  Peak peak() const;

 private:
  void sample();

  std::map<std::string, int> processes_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  Peak peak_;
  std::thread thread_;
};

}  // namespace loomline::demo
