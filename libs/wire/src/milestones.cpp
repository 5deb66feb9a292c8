#include "loomline/wire/milestones.hpp"

#include <algorithm>
#include <atomic>

#include "loomline/wire/enum_name.hpp"

namespace loomline::wire {
namespace {

std::atomic<const Milestones*> other{nullptr};

}  // namespace

Milestones::Milestones(const google::protobuf::EnumDescriptor& declaration) : declaration_(&declaration) {
  std::vector<const google::protobuf::EnumValueDescriptor*> values;
  for (int i = 0; i < declaration.value_count(); ++i)
    if (declaration.value(i)->number() != production::v1::MILESTONE_UNSPECIFIED) values.push_back(declaration.value(i));
  const auto declared = [](const auto* value) { return value->options().GetExtension(production::v1::place); };
  std::stable_sort(values.begin(), values.end(),
                   [&](const auto* a, const auto* b) { return declared(a).rank() < declared(b).rank(); });
  optional_.push_back(false);
  for (const auto* value : values) {
    const auto number = static_cast<std::size_t>(value->number());
    all_.push_back(static_cast<Milestone>(number));
    places_.resize(std::max(places_.size(), number + 1));
    places_[number] = static_cast<int>(all_.size());
    optional_.push_back(declared(value).optional());
  }
}

std::string Milestones::name(Milestone milestone) const { return short_name(*declaration_, milestone); }

const Milestones& milestones() {
  static const Milestones declared(*production::v1::Milestone_descriptor());
  const auto* instead = other.load();
  return instead == nullptr ? declared : *instead;
}

namespace {

const google::protobuf::EnumDescriptor& with_one_more(google::protobuf::DescriptorPool& pool, const std::string& name,
                                                      int number, const production::v1::MilestonePlace& place) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("one_more.proto");
  file.set_syntax("proto3");
  file.add_dependency(production::v1::Milestone_descriptor()->file()->name());
  production::v1::Milestone_descriptor()->CopyTo(file.add_enum_type());
  auto& added = *file.mutable_enum_type(0)->add_value();
  added.set_name(name);
  added.set_number(number);
  *added.mutable_options()->MutableExtension(production::v1::place) = place;
  return *pool.BuildFile(file)->enum_type(0);
}

}  // namespace

OneMoreMilestone::OneMoreMilestone(const std::string& name, int number, const production::v1::MilestonePlace& place)
    : pool_(google::protobuf::DescriptorPool::generated_pool()),
      milestones_(with_one_more(pool_, name, number, place)) {
  other.store(&milestones_);
}
OneMoreMilestone::~OneMoreMilestone() { other.store(nullptr); }

}  // namespace loomline::wire
