// Facts as they are stored, sorted and applied.
#include <charconv>
#include <memory>
#include <tuple>

#include "domain/fact_table.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {
namespace {

// The number at the end of an event id: its place in its chain. 0 where it does not end in one.
std::uint64_t sequence_of(std::string_view id) {
  const auto last = id.find_last_not_of("0123456789");
  const auto digits = last == std::string_view::npos ? id : id.substr(last + 1);
  std::uint64_t sequence = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
  return sequence;
}

Timestamp occurred_at(const Message& event, const state::v1::Fact& fact) {
  const auto* field = event.GetDescriptor()->FindFieldByName("occurred_at");
  if (field && event.GetReflection()->HasField(event, field)) {
    Timestamp at;
    at.CopyFrom(event.GetReflection()->GetMessage(event, field));
    return at;
  }
  return wire::to_timestamp(Time(Duration(fact.recorded_us())));
}

bool earlier(const Timestamp& a, const Timestamp& b) {
  return std::tuple(a.seconds(), a.nanos()) < std::tuple(b.seconds(), b.nanos());
}

// Of the contracts that this version was built with; null where it does not know the type.
const Message* prototype_of(const std::string& type) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("loomline." + type);
  return descriptor ? google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor) : nullptr;
}

bool all_delivered(const state::v1::Fold& fold) {
  if (fold.lines().empty()) return false;
  for (const auto& line : fold.lines()) {
    std::int64_t delivered = 0;
    for (const auto& unit : line.units()) {
      if (unit.scrapped()) continue;
      if (!wire::milestones().reached(milestone_of(unit), production::v1::MILESTONE_DELIVERED)) return false;
      ++delivered;
    }
    if (delivered == 0 || delivered < line.quantity()) return false;
  }
  return true;
}

// What follows from the fold as a whole, whichever fact made it so.
void settle(Folding& folding) {
  auto& fold = folding.fold;
  if (fold.status() == v1::JOURNEY_STATUS_ACTIVE && all_delivered(fold)) {
    folding.become(v1::JOURNEY_STATUS_DELIVERED);
    *fold.mutable_delivered_at() = folding.at;
  }
  if (fold.status() == v1::JOURNEY_STATUS_DELIVERED && (fold.survey_answered() || fold.survey_expired()))
    folding.become(v1::JOURNEY_STATUS_CLOSED);
}

}  // namespace

const FactTable& fact_table() {
  static const FactTable table = [] {
    FactTable all;
    add_intake_facts(all);
    add_scheduling_facts(all);
    add_shipping_facts(all);
    add_quality_facts(all);
    add_aftersales_facts(all);
    return all;
  }();
  return table;
}

std::vector<std::string> fact_types() {
  std::vector<std::string> names;
  for (const auto& [name, type] : fact_table().all()) names.push_back(name);
  return names;
}

state::v1::Fact make_fact(const Message& event, Time recorded, std::string_view source, std::string_view id) {
  state::v1::Fact fact;
  fact.set_recorded_us(recorded.time_since_epoch().count());
  fact.set_source(std::string(source));
  fact.set_sequence(sequence_of(id));
  fact.set_id(std::string(id));
  fact.set_type(FactTable::short_name(event.GetDescriptor()->full_name()));
  const auto* type = fact_table().find(fact.type());
  if (!type || !type->strip) {
    fact.set_body(event.SerializeAsString());
    return fact;
  }
  const std::unique_ptr<Message> stripped(event.New());
  stripped->CopyFrom(event);
  type->strip(*stripped);
  fact.set_body(stripped->SerializeAsString());
  return fact;
}

bool before(const state::v1::Fact& a, const state::v1::Fact& b) {
  const auto order = [](const state::v1::Fact& fact) {
    return std::tuple(fact.recorded_us(), std::string_view(fact.source()), fact.sequence(),
                      std::string_view(fact.id()));
  };
  return order(a) < order(b);
}

void apply(state::v1::Fold& fold, const state::v1::Fact& fact, Effect& effect) {
  const auto* prototype = prototype_of(fact.type());
  const std::unique_ptr<Message> event(prototype ? prototype->New() : nullptr);
  const bool readable = event && event->ParseFromString(fact.body());
  Folding folding(fold, fact,
                  readable ? occurred_at(*event, fact) : wire::to_timestamp(Time(Duration(fact.recorded_us()))),
                  effect);
  if (!readable) return folding.anomaly("this version cannot read it");
  const int entries = fold.entries_size();
  if (const auto* type = fact_table().find(fact.type()); type)
    type->apply(folding, *event);
  else
    show(folding, *event);
  settle(folding);
  if (!fold.has_updated_at() || earlier(fold.updated_at(), folding.at)) *fold.mutable_updated_at() = folding.at;
  if (fold.entries_size() > entries) effect.entry = fold.entries(fold.entries_size() - 1);
}

}  // namespace loomline::tracking::domain
