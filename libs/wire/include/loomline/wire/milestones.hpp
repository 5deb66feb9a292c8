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
  bool before(Milestone a, Milestone b) const { return rank(a) < rank(b); }
  // Whether who stands at `where` has reached `milestone`.
  bool reached(Milestone where, Milestone milestone) const { return rank(where) >= rank(milestone); }
  Milestone later(Milestone a, Milestone b) const { return before(a, b) ? b : a; }
  // Not on every product's way.
  bool optional(Milestone milestone) const;
  // "IN_PRODUCTION".
  std::string name(Milestone milestone) const;

 private:
  // Without a declared place 0, as UNSPECIFIED.
  std::uint32_t rank(Milestone milestone) const;
  const production::v1::MilestonePlace* place(Milestone milestone) const;

  const google::protobuf::EnumDescriptor* declaration_;
  std::vector<Milestone> all_;
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
