#include "loomline/eventing/positions.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

namespace loomline::eventing {
namespace {

struct Names {
  std::mutex mutex;
  std::map<std::string, int, std::less<>> numbers;
  std::deque<std::string> names;  // stays where it is as it grows
};

Names& all() {
  static Names names;
  return names;
}

}  // namespace

int topic_number(std::string_view topic) {
  auto& known = all();
  const std::lock_guard lock(known.mutex);
  if (const auto found = known.numbers.find(topic); found != known.numbers.end()) return found->second;
  const auto number = static_cast<int>(known.names.size());
  known.names.emplace_back(topic);
  known.numbers.emplace(topic, number);
  return number;
}

const std::string& topic_name(int number) {
  auto& known = all();
  const std::lock_guard lock(known.mutex);
  return known.names.at(static_cast<std::size_t>(number));
}

Position& Positions::place(int topic, int partition) {
  const auto t = static_cast<std::size_t>(topic);
  const auto p = static_cast<std::size_t>(partition);
  if (by_topic_.size() <= t) by_topic_.resize(t + 1);
  auto& partitions = by_topic_[t];
  if (partitions.size() <= p) partitions.resize(p + 1);
  return partitions[p];
}

void Positions::at_least(const Positions& others) {
  others.for_each([this](int topic, int partition, const auto& position) { at_least(topic, partition, position); });
}

Position Positions::at(int topic, int partition) const {
  const auto t = static_cast<std::size_t>(topic);
  const auto p = static_cast<std::size_t>(partition);
  return t < by_topic_.size() && p < by_topic_[t].size() ? by_topic_[t][p] : Position{};
}

std::optional<Positions::Lag> Positions::behind(const Positions& ends) const {
  const auto topics = std::min(by_topic_.size(), ends.by_topic_.size());
  for (std::size_t t = 0; t < topics; ++t) {
    const auto partitions = std::min(by_topic_[t].size(), ends.by_topic_[t].size());
    for (std::size_t p = 0; p < partitions; ++p)
      if (by_topic_[t][p].known() && !by_topic_[t][p].reaches(ends.by_topic_[t][p]))
        return Lag{static_cast<int>(t), static_cast<int>(p), ends.by_topic_[t][p]};
  }
  return std::nullopt;
}

}  // namespace loomline::eventing
