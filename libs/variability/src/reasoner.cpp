#include "loomline/variability/reasoner.hpp"

#include <algorithm>
#include <numeric>

#include "engine.hpp"
#include "loomline/base/hash.hpp"

namespace loomline::variability {

Result<Selection> make_selection(const ProductModel& model, const std::vector<NamedChoice>& choices) {
  Selection selection;
  Status wrong;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const std::string field = "selection[" + std::to_string(i) + "].feature";
    Result<FeatureId> feature = model.require(choices[i].feature, field);
    if (feature.ok()) {
      selection.push_back({*feature, choices[i].selected});
    } else if (wrong.ok()) {
      wrong = feature.status();
    } else {
      wrong.with(feature.status().violations().front());
    }
  }
  if (!wrong.ok()) return wrong;
  std::stable_sort(selection.begin(), selection.end(),
                   [](const Choice& a, const Choice& b) { return a.feature < b.feature; });
  for (std::size_t i = 1; i < selection.size(); ++i)
    if (selection[i].feature == selection[i - 1].feature && selection[i].selected != selection[i - 1].selected)
      return Status(Code::invalid_argument, "CHOICE_TWICE", "A feature is both selected and deselected.")
          .with({"selection", "\"" + model.name(selection[i].feature) + "\" is both selected and deselected",
                 "say one of the two"});
  selection.erase(std::unique(selection.begin(), selection.end()), selection.end());
  return selection;
}

std::vector<FeatureId> Configuration::features() const {
  std::vector<FeatureId> found;
  for (FeatureId id = 0; id < selected.size(); ++id)
    if (selected[id]) found.push_back(id);
  return found;
}

std::string Configuration::hash(const ProductModel& model) const {
  std::vector<std::string> names;
  for (const FeatureId id : features()) names.push_back(model.name(id));
  std::sort(names.begin(), names.end());
  std::string text = model.hash();
  for (const std::string& name : names) text += '\n' + name;  // a name holds no line break
  return sha256_hex(text);
}

namespace {

// Runs `ask`, turning a spent budget into a Status.
template <class Ask>
auto asked(Ask ask) -> Result<decltype(ask())> {
  try {
    return ask();
  } catch (const BudgetSpent&) {
    return Status(Code::resource_exhausted, "REASONING_BUDGET",
                  "The model is too hard to reason about within the conflict budget; simplify its constraints or raise "
                  "the budget.");
  }
}

}  // namespace

Reasoner::Reasoner(std::shared_ptr<const ProductModel> model, ReasonerOptions options)
    : model_(std::move(model)), options_(std::move(options)), cnf_(encode(*model_)) {
  const std::size_t count = model_->features().size();
  price_.resize(count);
  for (FeatureId id = 0; id < count; ++id)
    if (const auto value = model_->number(id, options_.price_attribute))
      price_[id] = value->at_scale(options_.price_scale).value_or(0);
  drop_order_.resize(count);
  std::iota(drop_order_.begin(), drop_order_.end(), FeatureId{0});
  std::sort(drop_order_.begin(), drop_order_.end(),
            [this](FeatureId a, FeatureId b) { return price_[a] != price_[b] ? price_[a] > price_[b] : a > b; });
}

Result<bool> Reasoner::satisfiable() const {
  return asked([&] { return Engine{*this, price_, drop_order_}.query().solve(); });
}

Result<CoreAndDead> Reasoner::core_and_dead() const {
  return asked([&] {
    const Engine engine{*this, price_, drop_order_};
    Query query = engine.query();
    CoreAndDead result;
    if (!query.solve()) {
      for (FeatureId id = 0; id < model_->features().size(); ++id) result.dead.push_back(id);
      return result;
    }
    for (const int item : engine.backbone(query))
      (item > 0 ? result.core : result.dead).push_back(static_cast<FeatureId>(std::abs(item) - 1));
    return result;
  });
}

Result<Implications> Reasoner::implications(const Selection& selection) const {
  return asked([&] {
    const Engine engine{*this, price_, drop_order_};
    Query query = engine.query();
    Implications result;
    for (const Choice& choice : selection) query.add(literal(choice));
    result.buildable = query.solve();
    if (!result.buildable) return result;
    for (const int item : engine.backbone(query))
      (item > 0 ? result.forced_in : result.forced_out).push_back(static_cast<FeatureId>(std::abs(item) - 1));
    return result;
  });
}

Result<Validation> Reasoner::validate(const Selection& selection, std::size_t max_repairs) const {
  return asked([&] {
    const Engine engine{*this, price_, drop_order_};
    Query query = engine.query();
    Validation result;
    result.complete = selection.size() == model_->features().size();
    for (const Choice& choice : selection) query.add(literal(choice));
    for (FeatureId id = 0; id < model_->features().size(); ++id) query.prefer(literal(id, false));
    result.buildable = query.solve();
    if (result.buildable) {
      result.configuration = engine.default_completion(query);
      if (!holds(result.configuration)) throw std::logic_error("the completion breaks a rule of the model");
    } else {
      result.conflict = engine.explain(selection);
      result.repairs = engine.repairs(selection, max_repairs);
    }
    return result;
  });
}

Result<Configuration> Reasoner::complete(const Selection& selection, std::uint64_t seed) const {
  auto result = asked([&] {
    const Engine engine{*this, price_, drop_order_};
    Query query = engine.query();
    for (const Choice& choice : selection) query.add(literal(choice));
    return query.solve() ? engine.random_completion(query, seed) : Configuration{};
  });
  if (result.ok() && result->selected.empty())
    return failed_precondition("NOT_BUILDABLE", "The selection cannot be completed; validate it to see the conflict.");
  return result;
}

bool Reasoner::holds(const Configuration& configuration) const {
  const std::vector<bool>& selected = configuration.selected;
  if (selected.size() != model_->features().size() || !selected[model_->root()]) return false;
  for (const Group& group : model_->groups()) {
    std::uint32_t count = 0;
    for (const FeatureId member : group.members) count += selected[member] ? 1 : 0;
    if (!selected[group.owner] && count > 0) return false;
    if (selected[group.owner] && (count < group.lower || count > group.upper)) return false;
  }
  return std::all_of(model_->constraints().begin(), model_->constraints().end(),
                     [&](const Constraint& constraint) { return constraint.expression.evaluate(selected); });
}

}  // namespace loomline::variability
