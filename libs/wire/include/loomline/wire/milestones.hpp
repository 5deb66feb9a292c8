// The order of the milestones, from the contract's own declaration (`place` in production/v1/spec.proto). Nobody
// compares milestones by their numbers: a new one stands between two others by its rank.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "loomline/production/v1/spec.pb.h"

namespace loomline::wire {

using production::v1::Milestone;

// Immutable. A number that the declaration does not have (of a newer contract) stands before all others.
class Milestones {
 public:
  explicit Milestones(const google::protobuf::EnumDescriptor& declaration);

  // In their order, without UNSPECIFIED.
  const std::vector<Milestone>& all() const { return all_; }
  // Its place among all, from 1 on; 0: UNSPECIFIED, or not declared. Not for what is kept: a new milestone moves it.
  int place(Milestone milestone) const {
    const auto number = static_cast<std::size_t>(milestone);
    return number < places_.size() ? places_[number] : 0;
  }
  bool before(Milestone a, Milestone b) const { return place(a) < place(b); }
  // Whether who stands at `where` has reached `milestone`.
  bool reached(Milestone where, Milestone milestone) const { return place(where) >= place(milestone); }
  Milestone later(Milestone a, Milestone b) const { return before(a, b) ? b : a; }
  // Not on every product's way.
  bool optional(Milestone milestone) const { return optional_[static_cast<std::size_t>(place(milestone))]; }
  // "IN_PRODUCTION".
  std::string name(Milestone milestone) const;

 private:
  const google::protobuf::EnumDescriptor* declaration_;
  std::vector<Milestone> all_;
  std::vector<int> places_;     // by number
  std::vector<bool> optional_;  // by place
};

// The contract's; or what a test has put in its place.
const Milestones& milestones();

// For tests: the contract's milestones and one more, in their place as long as this lives. One at a time.
class OneMoreMilestone {
 public:
  OneMoreMilestone(const std::string& name, int number, const production::v1::MilestonePlace& place);
  ~OneMoreMilestone();
  OneMoreMilestone(const OneMoreMilestone&) = delete;
  OneMoreMilestone& operator=(const OneMoreMilestone&) = delete;

 private:
  google::protobuf::DescriptorPool pool_;
  Milestones milestones_;
};

}  // namespace loomline::wire
