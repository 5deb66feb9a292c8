#include "answer.hpp"

#include <algorithm>
#include <set>

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/wire/check.hpp"
#include "spec.hpp"
#include "texts.hpp"

namespace loomline::configuration::domain {
namespace {

using google::protobuf::RepeatedPtrField;
using variability::Choice;
using variability::FeatureId;
using variability::ProductModel;
using variability::Selection;

constexpr std::size_t kNearest = 3;
constexpr std::uint32_t kDefaultRepairs = 3;

Status check_choices(const RepeatedPtrField<v1::Choice>& choices, wire::Checker& check) {
  check.range("choices", choices.size(), 0, 50'000);
  for (int i = 0; i < choices.size() && check.status().violations().size() < 20; ++i) {
    check.text(wire::path("choices", i, "feature"), choices[i].feature(), 1'000);
    check.require(choices[i].has_selected(), wire::path("choices", i, "selected"), "is missing",
                  "say true for wanted or false for decided against");
  }
  return check.status();
}

struct Wish {
  Selection selection;
  std::vector<std::string> unknown;
};

Result<Wish> read_wish(const ProductModel& model, const RepeatedPtrField<v1::Choice>& choices) {
  Wish wish;
  for (const auto& choice : choices) {
    if (const auto id = model.find(choice.feature())) {
      wish.selection.push_back({*id, choice.selected()});
    } else {
      wish.unknown.push_back(choice.feature());
    }
  }
  auto& selection = wish.selection;
  std::stable_sort(selection.begin(), selection.end(),
                   [](const Choice& a, const Choice& b) { return a.feature < b.feature; });
  selection.erase(std::unique(selection.begin(), selection.end()), selection.end());
  for (std::size_t i = 1; i < selection.size(); ++i)
    if (selection[i].feature == selection[i - 1].feature)
      return invalid("choices", "\"" + model.name(selection[i].feature) + "\" is both selected and deselected",
                     "say one of the two");
  return wish;
}

v1::Choice named(const ProductModel& model, const Choice& choice) {
  v1::Choice out;
  out.set_feature(model.name(choice.feature));
  out.set_selected(choice.selected);
  return out;
}

common::v1::Money money(const Product& product, std::int64_t minor) {
  common::v1::Money out;
  out.set_minor_units(minor);
  out.set_currency(product.package.currency());
  return out;
}

Result<v1::Price> price(const Product& product, const v1::ModelVersion& version,
                        const variability::Configuration& configuration, std::int64_t quantity) {
  const ProductModel& model = product.reasoner->model();
  const auto unit = variability::price_of(model, configuration, product.price_rule);
  if (!unit.ok()) return unit.status();
  std::int64_t total = 0;
  if (__builtin_mul_overflow(unit->total_minor, quantity, &total))
    return Status(Code::out_of_range, "PRICE_OVERFLOW", "The total is more than an amount can hold.")
        .with({"quantity", "makes the total too large", "ask for fewer pieces"});
  v1::Price out;
  *out.mutable_unit_net() = money(product, unit->total_minor);
  *out.mutable_total_net() = money(product, total);
  out.set_tax_code(product.package.tax_code());
  out.set_list_version(version.model_id() + "@" + std::to_string(version.version()));
  for (const auto& line : unit->lines) {
    auto& added = *out.add_lines();
    added.set_feature(model.name(line.feature));
    *added.mutable_net() = money(product, line.amount_minor);
  }
  return out;
}

// Neither chosen by the customer, nor above a choice, nor in every product.
bool decided_for_customer(const Product& product, const std::vector<bool>& asked, FeatureId id) {
  const auto& core = product.core_and_dead.core;
  return !asked[id] && !std::binary_search(core.begin(), core.end(), id);
}

std::vector<bool> asked_features(const ProductModel& model, const Selection& selection) {
  std::vector<bool> asked(model.features().size());
  for (const Choice& choice : selection)
    if (choice.selected)
      for (FeatureId up = choice.feature; up != variability::kNone && !asked[up]; up = model.parent(up))
        asked[up] = true;
  return asked;
}

Result<v1::Configuration> describe(const Product& product, const v1::ModelVersion& version, const Selection& selection,
                                   const variability::Configuration& configuration, std::int64_t quantity) {
  const ProductModel& model = product.reasoner->model();
  v1::Configuration out;
  const std::string content = configuration.hash(model);
  out.set_configuration_id(
      std::string(prefix::configuration) + "_" +
      sha256_hex(version.model_id() + "@" + std::to_string(version.version()) + "/" + content).substr(0, 32));
  out.set_model_id(version.model_id());
  out.set_model_version(version.version());
  out.set_model_hash(version.content_hash());
  const std::vector<bool> asked = asked_features(model, selection);
  for (const FeatureId id : configuration.features()) {
    out.add_features(model.name(id));
    if (decided_for_customer(product, asked, id)) out.add_defaulted_features(model.name(id));
  }
  auto priced = price(product, version, configuration, quantity);
  if (!priced.ok()) return priced.status();
  *out.mutable_price() = std::move(priced).value();
  *out.mutable_spec() = resolve_spec(product, configuration);
  return out;
}

v1::Conflict describe(const Product& product, const variability::Conflict& conflict) {
  const ProductModel& model = product.reasoner->model();
  v1::Conflict out;
  for (const Choice& choice : conflict.choices) *out.add_choices() = named(model, choice);
  for (const auto& rule : conflict.rules) {
    auto& added = *out.add_rules();
    added.set_kind(kind_of(rule, model));
    added.set_text(variability::text_of(rule, model));
    added.set_line(static_cast<std::uint32_t>(variability::line_of(rule, model)));
  }
  *out.mutable_explanation() = explain(product, conflict);
  return out;
}

std::int64_t own_price(const Product& product, FeatureId id) {
  const auto value = product.reasoner->model().number(id, product.price_rule.attribute);
  return value ? value->at_scale(product.price_rule.scale).value_or(0) : 0;
}

// What a repair does to the price: what is taken comes in, what is left out goes, and so do the features that come in
// its place (the members of the same group that the customer had not asked for, with what hangs on them).
std::int64_t price_change(const Product& product, const Selection& selection, const variability::Repair& repair) {
  const ProductModel& model = product.reasoner->model();
  const std::vector<bool> asked = asked_features(model, selection);
  std::set<FeatureId> counted;
  std::int64_t change = 0;  // the check of the package has bounded the sum of all prices
  for (const Choice& one : repair.changes) {
    change += one.selected ? own_price(product, one.feature) : -own_price(product, one.feature);
    counted.insert(one.feature);
  }
  for (const Choice& one : repair.changes) {
    const auto group = model.feature(one.feature).group;
    if (one.selected || group == variability::kNone) continue;
    std::vector<FeatureId> open = model.groups()[group].members;
    while (!open.empty()) {
      const FeatureId id = open.back();
      open.pop_back();
      if (!repair.result.selected[id] || asked[id]) continue;
      if (counted.insert(id).second) change += own_price(product, id);
      for (const auto below : model.feature(id).groups)
        open.insert(open.end(), model.groups()[below].members.begin(), model.groups()[below].members.end());
    }
  }
  return change;
}

}  // namespace

Result<v1::ValidateResponse> validate(const Product& product, const v1::ModelVersion& version,
                                      const v1::ValidateRequest& request) {
  wire::Checker check;
  check.range("max_repairs", request.max_repairs(), 0, 10);
  check.range("quantity", request.quantity(), 0, 1'000'000);
  if (Status status = check_choices(request.choices(), check); !status.ok()) return status;
  const ProductModel& model = product.reasoner->model();
  Result<Wish> wish = read_wish(model, request.choices());
  if (!wish.ok()) return wish.status();
  v1::ValidateResponse out;
  out.set_model_version(version.version());
  if (!wish->unknown.empty()) {
    out.set_answer(v1::ANSWER_NEEDS_ENGINEERING);
    for (const std::string& feature : wish->unknown) {
      if (out.unknown_features_size() >= 100) break;
      auto& added = *out.add_unknown_features();
      added.set_feature(feature);
      for (const std::string& near : model.nearest(feature, kNearest)) added.add_nearest(near);
    }
    return out;
  }
  const auto repairs = request.max_repairs() == 0 ? kDefaultRepairs : request.max_repairs();
  const auto result = product.reasoner->validate(wish->selection, repairs);
  if (!result.ok()) return result.status();
  if (result->buildable) {
    const std::int64_t quantity = request.quantity() == 0 ? 1 : request.quantity();
    auto configuration = describe(product, version, wish->selection, result->configuration, quantity);
    if (!configuration.ok()) return configuration.status();
    out.set_answer(v1::ANSWER_BUILDABLE);
    *out.mutable_configuration() = std::move(configuration).value();
    return out;
  }
  out.set_answer(v1::ANSWER_NOT_BUILDABLE);
  *out.mutable_conflict() = describe(product, result->conflict);
  for (const auto& repair : result->repairs) {
    auto& added = *out.add_repairs();
    for (const Choice& change : repair.changes) *added.add_changes() = named(model, change);
    *added.mutable_price_change() = money(product, price_change(product, wish->selection, repair));
    *added.mutable_explanation() = explain(product, repair);
  }
  return out;
}

Result<v1::CompleteResponse> complete(const Product& product, const v1::CompleteRequest& request) {
  wire::Checker check;
  if (Status status = check_choices(request.choices(), check); !status.ok()) return status;
  const ProductModel& model = product.reasoner->model();
  Result<Wish> wish = read_wish(model, request.choices());
  if (!wish.ok()) return wish.status();
  if (!wish->unknown.empty()) return model.require(wish->unknown.front(), "choices").status();
  const auto completed = product.reasoner->complete(wish->selection, request.seed());
  if (!completed.ok()) return completed.status();
  v1::CompleteResponse out;
  std::vector<bool> given(model.features().size());
  for (const Choice& choice : wish->selection) {
    given[choice.feature] = true;
    *out.add_choices() = named(model, choice);
  }
  for (FeatureId id = 0; id < model.features().size(); ++id)
    if (!given[id]) *out.add_choices() = named(model, {id, completed->selected[id]});
  return out;
}

}  // namespace loomline::configuration::domain
