// A plausible history of one order, as its facts were recorded. For tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "domain/journey.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::tracking::test {

using domain::Message;

inline constexpr Time start{std::chrono::seconds(1'772'438'400)};

struct Said {
  std::shared_ptr<Message> event;
  Time recorded;
  std::string source, id;
  std::string topic;
};

// Facts in the order in which they were recorded. Methods of the same name as the event fill in what matters.
class History {
 public:
  explicit History(std::string order_id = "ord_1") : order_(std::move(order_id)) {}

  const std::vector<Said>& facts() const { return facts_; }
  void wait(Duration time) { now_ += time; }
  Time now() const { return now_; }

  // Sets order_id and occurred_at, and says it as the owner of its topic.
  template <class Event>
  void say(Event event) {
    event.set_order_id(order_);
    *event.mutable_occurred_at() = wire::to_timestamp(now_);
    add(std::make_shared<Event>(std::move(event)));
  }

  void captured();
  void placed(int lines, std::int64_t quantity);
  void scheduled(int line, std::vector<std::string> units);
  void promise(int line, std::uint32_t revision, Duration from_start, bool revised = false);
  void material(int line);
  // "make" (IN_PRODUCTION), "test" (INSPECTED, measured) or "pack" (PACKED).
  void operation(int line, const std::string& unit, const std::string& op, std::uint32_t state);
  void inspected(int line, const std::string& unit, bool passed);
  void hold(const std::string& unit, bool placed);
  void rework(int line, const std::string& unit);
  void replaced(int line, const std::string& scrapped, const std::string& unit);
  void completed(int line, const std::string& unit);
  void shipment(std::vector<std::string> units);
  void dispatched();
  void delivered(std::vector<std::string> units);
  void certificate(int line);
  void survey(bool answered);

  static std::string line_id(int line) { return "lin_" + std::to_string(line); }

 private:
  void add(std::shared_ptr<Message> event);
  std::string order_;
  std::vector<Said> facts_;
  Time now_ = start;
  Time recorded_ = start;
};

// A whole life with rework, a replacement and a moved promise, everything by the seed.
History random_life(std::uint32_t seed);

// One journey, as the service keeps it; takes facts and gives what was published.
class Journal {
 public:
  explicit Journal(std::string order_id = "ord_1");
  eventing::Verdict hear(const Said& said);
  void hear(const std::vector<Said>& all) {
    for (const auto& said : all) static_cast<void>(hear(said));
  }
  Result<state::v1::RebuildResponse> rebuild();
  // Everything is read again from its stored bytes.
  void restart();
  std::shared_ptr<const eventing::Snapshot> snapshot() const;
  v1::Journey journey(const domain::Window& window = {}) const { return domain::journey(*snapshot(), window); }
  // Everything that is stored, as text: the state without what counts revisions, and the facts.
  std::string stored() const;

  domain::State state;
  eventing::PartStore parts;
  std::unique_ptr<eventing::Derived> derived;
  std::vector<v1::OrderProgressed> published;

 private:
  void keep(const eventing::Step& step);
  std::string order_id_;
  eventing::Service service_;
  const eventing::AggregateDef* def_;
};

}  // namespace loomline::tracking::test
