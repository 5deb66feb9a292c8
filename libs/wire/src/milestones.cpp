#include "loomline/wire/milestones.hpp"

#include <algorithm>
#include <atomic>

#include "loomline/wire/enum_name.hpp"

namespace loomline::wire {
namespace {

std::atomic<const Milestones*> other{nullptr};

}  // namespace

Milestones::Milestones(const google::protobuf::EnumDescriptor& declaration) : declaration_(&declaration) {
  for (int i = 0; i < declaration.value_count(); ++i)
    if (declaration.value(i)->number() != production::v1::MILESTONE_UNSPECIFIED)
      all_.push_back(static_cast<Milestone>(declaration.value(i)->number()));
  std::stable_sort(all_.begin(), all_.end(), [this](Milestone a, Milestone b) { return before(a, b); });
}

const production::v1::MilestonePlace* Milestones::place(Milestone milestone) const {
  const auto* value = declaration_->FindValueByNumber(milestone);
  return value == nullptr ? nullptr : &value->options().GetExtension(production::v1::place);
}

std::uint32_t Milestones::rank(Milestone milestone) const {
  const auto* declared = place(milestone);
  return declared == nullptr ? 0 : declared->rank();
}

bool Milestones::optional(Milestone milestone) const {
  const auto* declared = place(milestone);
  return declared != nullptr && declared->optional();
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
