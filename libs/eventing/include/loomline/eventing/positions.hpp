// Offsets by topic and partition, cheap to fill and to compare: topics are numbered once a process.
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

class Positions {
 public:
  static constexpr std::int64_t kNone = -1;

  void set(int topic, int partition, std::int64_t offset);
  void at_least(int topic, int partition, std::int64_t offset);
  void at_least(const Positions& others);
  void forget(int topic, int partition) { set(topic, partition, kNone); }
  // kNone where there is none.
  std::int64_t at(int topic, int partition) const;
  // The first place that both know and that is not as far here as in `ends`.
  struct Lag {
    int topic = 0, partition = 0;
    std::int64_t end = 0;  // there
  };
  std::optional<Lag> behind(const Positions& ends) const;
  // each(topic number, partition, offset)
  template <class Each>
  void for_each(Each each) const {
    for (std::size_t topic = 0; topic < by_topic_.size(); ++topic)
      for (std::size_t partition = 0; partition < by_topic_[topic].size(); ++partition)
        if (const auto offset = by_topic_[topic][partition]; offset != kNone)
          each(static_cast<int>(topic), static_cast<int>(partition), offset);
  }

 private:
  std::int64_t& place(int topic, int partition);

  std::vector<std::vector<std::int64_t>> by_topic_;
};

}  // namespace loomline::eventing
