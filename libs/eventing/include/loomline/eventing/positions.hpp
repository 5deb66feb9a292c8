// Where topics end and how far they were heard, by topic and partition. Cheap to fill and to compare: topics are
// numbered once a process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loomline::eventing {

// The same number for the same name, as long as the process lives. Takes a lock: ask once and keep it.
int topic_number(std::string_view topic);
const std::string& topic_name(int number);

// An offset and the number of its chain that goes with it: what was published, or applied, last. Where a topic was made
// anew, an old offset may lie far beyond the new end; numbers do not begin again.
struct Position {
  static constexpr std::int64_t kNone = -1;
  std::int64_t offset = kNone;  // the next one
  std::int64_t epoch = 0;       // of the newest chain; 0: none is known
  std::int64_t seq = 0;         // its last

  bool known() const { return offset != kNone; }
  // What ends there was read, and, of a chain that is heard at all, its last number was met. A chain that was never
  // heard may have lost all its messages to their age.
  bool reaches(const Position& end) const {
    return offset >= end.offset && (epoch != end.epoch || epoch == 0 || seq >= end.seq);
  }
  // The furthest of what several replicas know of one place.
  void at_least(const Position& other) {
    if (other.offset > offset) offset = other.offset;
    if (other.epoch < epoch || (other.epoch == epoch && other.seq <= seq)) return;
    epoch = other.epoch;
    seq = other.seq;
  }
};

class Positions {
 public:
  void set(int topic, int partition, const Position& position) { place(topic, partition) = position; }
  void at_least(int topic, int partition, const Position& position) { place(topic, partition).at_least(position); }
  void at_least(const Positions& others);
  void forget(int topic, int partition) { set(topic, partition, {}); }
  // Not known() where there is none.
  Position at(int topic, int partition) const;
  // The first place that both know and that is not as far here as in `ends`.
  struct Lag {
    int topic = 0, partition = 0;
    Position end;  // there
  };
  std::optional<Lag> behind(const Positions& ends) const;
  // each(topic number, partition, position)
  template <class Each>
  void for_each(Each each) const {
    for (std::size_t topic = 0; topic < by_topic_.size(); ++topic)
      for (std::size_t partition = 0; partition < by_topic_[topic].size(); ++partition)
        if (const auto& position = by_topic_[topic][partition]; position.known())
          each(static_cast<int>(topic), static_cast<int>(partition), position);
  }

 private:
  Position& place(int topic, int partition);

  std::vector<std::vector<Position>> by_topic_;
};

}  // namespace loomline::eventing
