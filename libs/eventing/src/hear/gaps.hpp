// Gaps in chains, between who meets them and who can refill them: a lane that stands before one says so here, its
// chain's source is asked over the topic loomline.kernel.gaps until the gap has closed, and an operator's skip comes
// back to the lane. Every service also hears the asking of others, for its own chains.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/hear/gap_met.hpp"
#include "src/publish/publisher.hpp"

namespace loomline::common::v1 {
class ChainRefillAsked;
}

namespace loomline::eventing {

// A chain that goes on: everything up to `last_seq` counts as applied, and reading goes on at `offset`.
struct GapPassed {
  std::string source;
  std::int64_t epoch = 0, last_seq = 0, offset = 0;
};

// Carries what services ask of each other for their chains.
class RefillLine {
 public:
  virtual ~RefillLine() = default;
  // Calls back with what anybody asks, until stop().
  virtual void start(std::function<void(const common::v1::ChainRefillAsked&)> on_asked) = 0;
  virtual void stop() = 0;
  // False where the broker did not take it.
  virtual bool ask(const common::v1::ChainRefillAsked& asked) = 0;
};

class GapDesk {
 public:
  static constexpr const char* topic = "loomline.kernel.gaps";

  GapDesk(const Registry& registry, ChainStore& store, Publisher& publisher, RefillLine& line, const Clocks& clocks);
  ~GapDesk();
  // Where the catalogue has no such topic, nothing is asked and nothing heard.
  void start();
  void stop();

  // For lanes; thread-safe and cheap, as often as one likes.
  void met(const GapMet& gap);
  // What the lane of this partition must take up; told once.
  std::optional<GapPassed> take_passed(const std::string& topic, int partition);
  // The partitions are no longer this process's.
  void forget_all();

  // Asks the source of a chain to look at it or to send it again. False where the broker did not take it.
  bool ask(common::v1::ChainRefillAsked asked);
  // What another service asks for; of one's own chains only.
  void hear(const common::v1::ChainRefillAsked& asked);

  // Which gaps have closed, and what to ask for again: its thread does so every second.
  void look();

  struct Open {
    GapMet gap;
    std::chrono::steady_clock::time_point since;
  };
  std::vector<Open> open() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Place = std::pair<std::string, int>;

  void run();
  void ask_for(const GapMet& gap);

  const Registry& registry_;
  ChainStore& store_;
  Publisher& publisher_;
  RefillLine& line_;
  const Clocks& clocks_;
  Metrics metrics_;

  struct Entry {
    GapMet gap;
    Clock::time_point since, ask_at{}, say_at{};
    std::chrono::seconds pause{5};  // between askings; doubled up to a minute
  };
  mutable std::mutex mutex_;
  std::map<Place, Entry> open_;
  std::map<Place, GapPassed> passed_;
  std::atomic<bool> any_passed_{false};
  std::condition_variable woken_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace loomline::eventing
