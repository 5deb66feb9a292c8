#include "journeys.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "domain/journey.hpp"
#include "history.hpp"

namespace loomline::simulation {
namespace {

using eventing::sim::Dice;

// Any interleaving of the topics: what a broker may do. Or any order at all.
std::vector<Said> as_they_may_arrive(std::vector<Said> facts, Dice& dice) {
  if (dice.chance(30)) {
    for (std::size_t i = facts.size(); i > 1; --i) std::swap(facts[i - 1], facts[dice.below(i)]);
    return facts;
  }
  std::map<std::string, std::vector<Said>> topics;
  for (auto& said : facts) topics[said.topic].push_back(std::move(said));
  std::map<std::string, std::size_t> next;
  std::vector<Said> out;
  while (!topics.empty()) {
    auto topic = std::next(topics.begin(), static_cast<std::ptrdiff_t>(dice.below(topics.size())));
    auto& at = next[topic->first];
    // Now and then a topic is far ahead of the others.
    for (std::size_t run = dice.chance(25) ? topic->second.size() : 1; run > 0 && at < topic->second.size(); --run)
      out.push_back(topic->second[at++]);
    if (at == topic->second.size()) topics.erase(topic);
  }
  return out;
}

}  // namespace

std::string fold_anew(const eventing::Snapshot& shown, const std::string& order_id, const std::vector<Said>& facts,
                      Dice& dice) {
  tracking::test::Journal journal(order_id);
  // Which windows have passed is no fact, but what the clock said.
  journal.state.set_passed_us(shown.state<tracking::domain::State>().passed_us());
  for (const auto& said : as_they_may_arrive(facts, dice)) {
    std::shared_ptr<Message> event(said.event->New());
    event->CopyFrom(*said.event);
    static_cast<void>(journal.hear({std::move(event), said.recorded, said.source, said.id, said.topic}));
  }
  auto one = tracking::domain::journey(shown), other = journal.journey();
  one.clear_revision();  // counts what was published, so it depends on the arrival
  other.clear_revision();
  google::protobuf::util::MessageDifferencer differ;
  std::string report;
  differ.ReportDifferencesToString(&report);
  return differ.Compare(one, other) ? "" : report.substr(0, report.find('\n'));
}

std::string anomaly(const eventing::Snapshot& shown) {
  const auto journey = tracking::domain::journey(shown);
  return journey.anomalies().empty() ? "" : journey.anomalies(0);
}

}  // namespace loomline::simulation
