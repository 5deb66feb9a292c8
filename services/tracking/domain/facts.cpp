// Facts as they are stored, sorted and applied.
#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "domain/fact_table.hpp"
#include "loomline/base/hash.hpp"
#include "loomline/wire/convert.hpp"

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

// Where an event does not say when it happened: when it was recorded, which its name begins with.
Timestamp recorded_at(std::string_view name) {
  std::int64_t recorded = 0;
  std::from_chars(name.data(), name.data() + std::min<std::size_t>(name.size(), 16), recorded, 16);
  return wire::to_timestamp(Time(Duration(recorded)));
}

Timestamp occurred_at(const Message& event, std::string_view name) {
  const auto* field = event.GetDescriptor()->FindFieldByName("occurred_at");
  if (field == nullptr || !event.GetReflection()->HasField(event, field)) return recorded_at(name);
  return static_cast<const Timestamp&>(event.GetReflection()->GetMessage(event, field));
}

// Of the contracts that this version was built with; null where it does not know the type.
const Message* prototype_of(const std::string& type) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("loomline." + type);
  return descriptor ? google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor) : nullptr;
}

bool all_delivered(const Fold& fold) {
  return !fold.lines.empty() && std::all_of(fold.lines.begin(), fold.lines.end(), [](const auto& line) {
    const auto tally = line->units.summary();
    return tally.counting > 0 && tally.counting >= line->head->shown.quantity() &&
           tally.reached(production::v1::MILESTONE_DELIVERED) == tally.counting;
  });
}

// What follows from the fold as a whole, whichever fact made it so.
void settle(Folding& folding) {
  const auto& fold = folding.fold;
  if (fold.status() == v1::JOURNEY_STATUS_ACTIVE && all_delivered(fold)) {
    folding.become(v1::JOURNEY_STATUS_DELIVERED);
    folding.head([&](Head& head) { *head.shown.mutable_delivered_at() = folding.at; });
  }
  if (fold.status() == v1::JOURNEY_STATUS_DELIVERED &&
      (fold.head->shown.survey_answered() || fold.head->survey_expired))
    folding.become(v1::JOURNEY_STATUS_CLOSED);
}

std::string hex16(std::uint64_t number) {
  std::array<char, 16> digits;
  digits.fill('0');
  std::array<char, 16> raw{};
  const auto size = std::to_chars(raw.data(), raw.data() + raw.size(), number, 16).ptr - raw.data();
  std::copy_n(raw.begin(), size, digits.end() - size);
  return {digits.begin(), digits.end()};
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
  if (type == nullptr || !type->strip) {
    fact.set_body(event.SerializeAsString());
    return fact;
  }
  const std::unique_ptr<Message> stripped(event.New());
  stripped->CopyFrom(event);
  type->strip(*stripped);
  fact.set_body(stripped->SerializeAsString());
  return fact;
}

std::string name_of(const state::v1::Fact& fact) {
  return hex16(static_cast<std::uint64_t>(fact.recorded_us())) + ' ' + fact.source() + ' ' + hex16(fact.sequence()) +
         ' ' + hex16(murmur2(fact.id())).substr(8);
}
std::string name_of(std::uint64_t revision) { return hex16(revision); }

Effect apply(Fold& fold, std::string_view name, const state::v1::Fact& fact) {
  Effect effect;
  const auto* prototype = prototype_of(fact.type());
  const std::unique_ptr<Message> event(prototype == nullptr ? nullptr : prototype->New());
  const bool readable = event && event->ParseFromString(fact.body());
  Folding folding(fold, fact.type(), fact.id(), readable ? occurred_at(*event, name) : recorded_at(name), effect);
  fold.last = name;
  if (!readable) {
    folding.anomaly("this version cannot read it");
    return effect;
  }
  if (const auto* type = fact_table().find(fact.type()); type != nullptr)
    type->apply(folding, *event);
  else
    show(folding, *event);
  settle(folding);
  folding.finish();
  return effect;
}

}  // namespace loomline::tracking::domain
