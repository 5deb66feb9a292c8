// What is derived from a journey's facts and resident beside them: their fold, and folds of the past to go back to when
// a fact comes late. Copies cost a few pointers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/fold.hpp"
#include "domain/journey.hpp"
#include "loomline/eventing/parts.hpp"

namespace loomline::tracking::domain {

class Folded : public eventing::Derived {
 public:
  using Facts = eventing::PartsView<state::v1::Fact>;

  // All facts, folded anew: those of the parts, or of a state of before there were parts.
  static std::unique_ptr<Folded> of(const State& state, const Facts& facts);
  std::unique_ptr<Derived> copy() const override { return std::make_unique<Folded>(*this); }

  const Fold& fold() const { return *fold_; }
  // Follows a fact that was added to the parts. One that sorts last is folded onto what is there; for one that is late,
  // what comes after it is folded again.
  Effect insert(const std::string& name, const state::v1::Fact& fact, const Facts& facts);
  // Follows facts that another process added, given by name.
  void follow(const std::vector<std::string>& names, const Facts& facts);

 private:
  Effect append(std::string_view name, const state::v1::Fact& fact);
  void go_back(std::string_view before);
  void remember();

  std::shared_ptr<const Fold> fold_ = std::make_shared<Fold>();
  // Of the past, rising; their distances grow with their age, so that they are few and a fact that is late by n others
  // has one within some n of it.
  using Past = std::vector<std::shared_ptr<const Fold>>;
  std::shared_ptr<const Past> past_ = std::make_shared<Past>();
};

}  // namespace loomline::tracking::domain
