// What is derived from a plant's parts and resident beside them (the planning board): its plan, changed in place by
// every step, and the indexes. A copy is O(1); readers get one.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/board_index.hpp"
#include "domain/routing.hpp"
#include "loomline/eventing/parts.hpp"
#include "loomline/planning/engine.hpp"

namespace loomline::scheduling::domain {

struct Board final : eventing::Derived {
  std::optional<planning::Plan> plan;                     // where the plant was published
  std::shared_ptr<const std::set<std::string>> machines;  // as published, without those that only end their work
  BoardIndex index;
  PersistentMap<std::string, std::shared_ptr<const Routing>> routings;  // by the name of the spec
  PersistentMap<std::string, std::string> broken;  // orders that could not be put into the plan when it was read: why

  std::unique_ptr<eventing::Derived> copy() const override { return std::make_unique<Board>(*this); }
  // Throws std::logic_error where there is no such spec.
  const Routing& routing(const Line& line) const;
};

// From the parts as they are stored.
std::unique_ptr<Board> make_board(const PlantState& state, const eventing::PartStore& parts);
// Brings the plan up to parts that another process changed, and the indexes.
void follow_parts(Board& board, const PlantState& state, const eventing::PartStore& parts,
                  const std::vector<eventing::PartStore::Name>& changed);
// After a step: the indexes and the routings follow what it touched. The plan was changed by the step itself.
void follow_step(Board& board, const eventing::PartStore& parts);

// The plan made anew for a plant that was published anew.
void replan(Board& board, const eventing::PartStore& parts);

// A unit as a job of the plan. What was planned on a machine that is none of `machines` has lost its place.
planning::Job job_of(const Routing& routing, const Unit& unit, const std::set<std::string>& machines);

inline constexpr const char* kModelPart = "plant";
inline constexpr const char* kFreedPart = "freed";
// The part of something that came free.
std::string freed_name(const planning::Freed& freed);
// The published plant; std::logic_error where there is none.
const v1::Plant& model_of(const eventing::PartStore& parts);

}  // namespace loomline::scheduling::domain
