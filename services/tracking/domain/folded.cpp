#include "domain/folded.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include "domain/folding.hpp"
#include "loomline/base/planted.hpp"

namespace loomline::tracking::domain {
namespace {

// Every so many facts a fold is remembered.
constexpr std::uint64_t stride = 4;

// Of the folds remembered, every 2^n-th is kept while it is among the last 4 * 2^n.
bool keep(std::uint64_t number, std::uint64_t newest) { return (newest - number) >> std::countr_zero(number) < 4; }

}  // namespace

std::unique_ptr<Folded> Folded::of(const State& state, const Facts& facts) {
  auto folded = std::make_unique<Folded>();
  std::map<std::string, const state::v1::Fact*> old;
  for (const auto& fact : state.old_facts()) old.emplace(name_of(fact), &fact);
  for (const auto& [name, fact] : old) folded->append(name, *fact);
  facts.each([&](const std::string& name, const state::v1::Fact& fact) {
    if (planted::is(planted::Bug::rebuild_without_topic) && fact.type().starts_with("quality.")) return;
    folded->append(name, fact);
  });
  return folded;
}

Effect Folded::insert(const std::string& name, const state::v1::Fact& fact, const Facts& facts) {
  if (name > fold_->last) return append(name, fact);
  Effect effect;
  go_back(name);
  facts.each_after(fold_->last, [&](const std::string& next, const state::v1::Fact& one) {
    auto done = append(next, one);
    if (next == name) effect = std::move(done);
  });
  return effect;
}

void Folded::follow(const std::vector<std::string>& names, const Facts& facts) {
  if (names.empty()) return;
  const auto& first = *std::min_element(names.begin(), names.end());
  if (first <= fold_->last) go_back(first);
  facts.each_after(fold_->last, [&](const std::string& next, const state::v1::Fact& one) { append(next, one); });
}

Effect Folded::append(std::string_view name, const state::v1::Fact& fact) {
  auto next = std::make_shared<Fold>(*fold_);
  auto effect = apply(*next, name, fact);
  ++next->facts;
  fold_ = std::move(next);
  if (fold_->facts % stride == 0) remember();
  return effect;
}

void Folded::go_back(std::string_view before) {
  auto past = std::make_shared<Past>(*past_);
  while (!past->empty() && past->back()->last >= before) past->pop_back();
  fold_ = past->empty() ? std::make_shared<const Fold>() : past->back();
  past_ = std::move(past);
}

void Folded::remember() {
  const auto newest = fold_->facts / stride;
  auto past = std::make_shared<Past>();
  past->reserve(past_->size() + 1);
  for (const auto& fold : *past_)
    if (keep(fold->facts / stride, newest)) past->push_back(fold);
  past->push_back(fold_);
  past_ = std::move(past);
}

}  // namespace loomline::tracking::domain
