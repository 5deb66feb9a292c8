#include "loomline/variability/reasoner.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "loomline/variability/price.hpp"
#include "loomline/variability/uvl.hpp"
#include "src/random.hpp"

namespace loomline::variability {
namespace {

Reasoner reasoner_for(std::string_view text) {
  auto model = read_uvl(text);
  if (!model.ok()) throw std::runtime_error(model.status().to_string());
  return Reasoner(std::make_shared<const ProductModel>(std::move(model).value()));
}

Selection select(const Reasoner& reasoner, const std::vector<NamedChoice>& choices) {
  return make_selection(reasoner.model(), choices).value();
}

constexpr std::string_view kBike = R"(features
	Bike {Price 500}
		mandatory
			Frame
				alternative
					Steel {Price 20}
					Alu {Price 20}
					Carbon {Price 900.50}
		optional
			Motor {Price 700}
			Lights
				[1..2]
					Front {Price 10}
					Rear {Price 5}
					Side {Price 5}
constraints
	Motor => Lights
	Motor => !Carbon
)";

std::vector<std::string> names(const ProductModel& model, const std::vector<FeatureId>& ids) {
  std::vector<std::string> out;
  for (const FeatureId id : ids) out.push_back(model.name(id));
  return out;
}

TEST(Reasoner, DefaultCompletionIsCheapAndMinimal) {
  const auto bike = reasoner_for(kBike);
  auto plain = bike.validate({}).value();
  ASSERT_TRUE(plain.buildable);
  EXPECT_FALSE(plain.complete);
  EXPECT_EQ(names(bike.model(), plain.configuration.features()), (std::vector<std::string>{"Bike", "Frame", "Steel"}));
  auto motor = bike.validate(select(bike, {{"Motor", true}})).value();
  EXPECT_EQ(names(bike.model(), motor.configuration.features()),
            (std::vector<std::string>{"Bike", "Frame", "Steel", "Motor", "Lights", "Rear"}));
}

TEST(Reasoner, ConflictNamesChoicesAndTheConstraintAndRepairsFollow) {
  const auto bike = reasoner_for(kBike);
  const auto result = bike.validate(select(bike, {{"Carbon", true}, {"Motor", true}, {"Rear", true}})).value();
  ASSERT_FALSE(result.buildable);
  ASSERT_EQ(result.conflict.choices.size(), 2u);
  ASSERT_EQ(result.conflict.rules.size(), 1u);
  EXPECT_EQ(text_of(result.conflict.rules[0], bike.model()), "Motor => !Carbon");
  EXPECT_EQ(line_of(result.conflict.rules[0], bike.model()), 18);
  ASSERT_EQ(result.repairs.size(), 2u);
  // without carbon (motor, steel, rear) 1225.00; without the motor 1405.50: the cheaper one first
  EXPECT_EQ(bike.model().name(result.repairs[0].changes[0].feature), "Carbon");
  EXPECT_FALSE(result.repairs[0].changes[0].selected);
  EXPECT_EQ(result.repairs[0].price_minor, 122500);
  EXPECT_EQ(result.repairs[1].price_minor, 140550);
}

TEST(Reasoner, ConflictOfAlternativesNamesTheGroup) {
  const auto bike = reasoner_for(kBike);
  const auto result = bike.validate(select(bike, {{"Alu", true}, {"Steel", true}})).value();
  ASSERT_FALSE(result.buildable);
  ASSERT_EQ(result.conflict.rules.size(), 1u);
  EXPECT_EQ(text_of(result.conflict.rules[0], bike.model()), "Frame needs exactly one of Steel, Alu, Carbon");
}

TEST(Reasoner, SelectionErrorsAreNamedWithTheNearestNames) {
  const auto bike = reasoner_for(kBike);
  const auto unknown = make_selection(bike.model(), {{"Motor", true}, {"carbn", true}, {"Lamp", false}});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.status().reason(), "FEATURE_UNKNOWN");
  ASSERT_EQ(unknown.status().violations().size(), 2u);
  EXPECT_EQ(unknown.status().violations()[0].field, "selection[1].feature");
  EXPECT_NE(unknown.status().violations()[0].remedy.find("\"Carbon\""), std::string::npos);
  EXPECT_EQ(make_selection(bike.model(), {{"Motor", true}, {"Motor", false}}).status().reason(), "CHOICE_TWICE");
  EXPECT_EQ(make_selection(bike.model(), {{"Motor", true}, {"Motor", true}})->size(), 1u);
}

TEST(Reasoner, VoidModelHasAConflictOfRulesOnly) {
  const auto none =
      reasoner_for("features\n\tR\n\t\tmandatory\n\t\t\tA\n\t\toptional\n\t\t\tB\nconstraints\n\tA => B\n\t!B\n");
  EXPECT_FALSE(none.satisfiable().value());
  const auto result = none.validate({}).value();
  EXPECT_FALSE(result.buildable);
  EXPECT_EQ(result.conflict.rules.size(), 3u);
  EXPECT_TRUE(result.repairs.empty());
  EXPECT_EQ(none.complete({}, 1).status().reason(), "NOT_BUILDABLE");
}

TEST(Reasoner, RandomCompletionsAreValidSeededAndVaried) {
  const auto bike = reasoner_for(kBike);
  std::vector<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto one = bike.complete(select(bike, {{"Lights", true}}), seed).value();
    EXPECT_TRUE(bike.holds(one));
    EXPECT_TRUE(one.selected[*bike.model().find("Lights")]);
    EXPECT_EQ(one, bike.complete(select(bike, {{"Lights", true}}), seed).value());
    seen.push_back(one.hash(bike.model()));
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  EXPECT_GE(seen.size(), 25u);  // of 5 x 6 products with lights
}

TEST(Price, AddsExactlyAndRefusesWhatDoesNotFit) {
  const auto bike = reasoner_for(kBike);
  const auto motor = bike.validate(select(bike, {{"Motor", true}})).value();
  const auto price = price_of(bike.model(), motor.configuration, {.base_minor = 7});
  ASSERT_TRUE(price.ok());
  EXPECT_EQ(price->total_minor, 50000 + 2000 + 70000 + 500 + 7);
  EXPECT_EQ(price->lines.size(), 4u);
  EXPECT_EQ(price_of(bike.model(), motor.configuration, {.scale = 0})->total_minor, 500 + 20 + 700 + 5);
  EXPECT_EQ(check_prices(bike.model(), {.scale = 0}).reason(), "PRICE_NOT_EXACT");
  const auto huge =
      reasoner_for("features\n\tR {Price 90000000000000000}\n\t\tmandatory\n\t\t\tA {Price 90000000000000000}\n");
  EXPECT_EQ(check_prices(huge.model(), {}).reason(), "PRICE_OVERFLOW");
  EXPECT_EQ(minor_digits("JPY"), 0);
  EXPECT_EQ(minor_digits("XXX"), std::nullopt);
}

// A random model of at most `max` features: every kind of group, every operator.
std::string random_model(SplitMix& random, std::size_t max) {
  const std::size_t count = 3 + random.below(max - 2);
  std::vector<std::vector<std::pair<std::string, std::vector<std::size_t>>>> groups(count);
  std::size_t made = 1;
  while (made < count) {
    const std::size_t owner = random.below(made);
    std::vector<std::size_t> members;
    for (std::size_t i = 1 + random.below(7); i > 0 && made < count; --i) members.push_back(made++);
    static const char* const kinds[] = {"mandatory", "optional", "or", "alternative"};
    std::string kind = kinds[random.below(4)];
    if (random.below(3) == 0) {
      const std::size_t lower = random.below(members.size() + 1);
      kind =
          "[" + std::to_string(lower) + ".." + std::to_string(lower + random.below(members.size() + 1 - lower)) + "]";
    }
    groups[owner].emplace_back(kind, members);
  }
  std::string text = "features\n";
  const auto write = [&](const auto& self, std::size_t id, std::size_t depth) -> void {
    text += std::string(depth, '\t') + "F" + std::to_string(id) + " {Price " + std::to_string(random.below(50)) + "." +
            std::to_string(random.below(10)) + "}\n";
    for (const auto& [kind, members] : groups[id]) {
      text += std::string(depth + 1, '\t') + kind + "\n";
      for (const std::size_t member : members) self(self, member, depth + 2);
    }
  };
  write(write, 0, 1);
  const auto expression = [&](const auto& self, int depth) -> std::string {
    const auto pick = random.below(depth == 0 ? 2 : 6);
    if (pick == 0) return "F" + std::to_string(random.below(count));
    if (pick == 1) return "!F" + std::to_string(random.below(count));
    static const char* const operators[] = {" & ", " | ", " => ", " <=> "};
    const std::string body = self(self, depth - 1) + operators[pick - 2] + self(self, depth - 1);
    return random.coin() ? "!(" + body + ")" : "(" + body + ")";
  };
  text += "constraints\n";
  for (std::size_t i = random.below(4); i > 0; --i) text += "\t" + expression(expression, 3) + "\n";
  return text;
}

struct BruteForce {
  std::vector<Configuration> products;

  explicit BruteForce(const Reasoner& reasoner) {
    const std::size_t count = reasoner.model().features().size();
    for (std::uint32_t bits = 0; bits < (1U << count); ++bits) {
      Configuration one;
      for (std::size_t i = 0; i < count; ++i) one.selected.push_back(((bits >> i) & 1U) != 0);
      if (reasoner.holds(one)) products.push_back(std::move(one));
    }
  }
  static bool keeps(const Configuration& product, const Selection& choices) {
    return std::all_of(choices.begin(), choices.end(),
                       [&](const Choice& c) { return product.selected[c.feature] == c.selected; });
  }
  bool possible(const Selection& choices) const {
    return std::any_of(products.begin(), products.end(), [&](const auto& p) { return keeps(p, choices); });
  }
  std::size_t fewest_changes(const Selection& choices) const {
    std::size_t best = choices.size() + 1;
    for (const auto& product : products) {
      std::size_t changes = 0;
      for (const Choice& c : choices) changes += product.selected[c.feature] != c.selected ? 1 : 0;
      best = std::min(best, changes);
    }
    return best;
  }
};

// Whether choices and rules of a conflict can hold together, by trying every assignment of the features.
bool jointly_possible(const ProductModel& model, const Conflict& conflict) {
  const std::size_t count = model.features().size();
  for (std::uint32_t bits = 1; bits < (1U << count); bits += 2) {  // the root always holds
    std::vector<bool> on;
    for (std::size_t i = 0; i < count; ++i) on.push_back(((bits >> i) & 1U) != 0);
    if (!BruteForce::keeps({on}, conflict.choices)) continue;
    const bool all = std::all_of(conflict.rules.begin(), conflict.rules.end(), [&](const Rule& rule) {
      if (rule.kind == RuleKind::constraint) return model.constraints()[rule.subject].expression.evaluate(on);
      if (rule.kind == RuleKind::parent) return !on[rule.subject] || on[model.parent(rule.subject)];
      if (rule.kind == RuleKind::mandatory) return on[rule.subject] || !on[model.parent(rule.subject)];
      const Group& group = model.groups()[rule.subject];
      std::uint32_t members = 0;
      for (const FeatureId member : group.members) members += on[member] ? 1 : 0;
      return members <= group.upper && (!on[group.owner] || members >= group.lower);
    });
    if (all) return true;
  }
  return false;
}

void check_conflict(const ProductModel& model, const Conflict& conflict) {
  EXPECT_FALSE(jointly_possible(model, conflict));
  for (std::size_t i = 0; i < conflict.choices.size(); ++i) {
    Conflict less = conflict;
    less.choices.erase(less.choices.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(jointly_possible(model, less)) << "a choice is not needed";
  }
  for (std::size_t i = 0; i < conflict.rules.size(); ++i) {
    Conflict less = conflict;
    less.rules.erase(less.rules.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(jointly_possible(model, less)) << "a rule is not needed";
  }
}

void check_minimal(const BruteForce& truth, const Selection& choices, const Configuration& completed) {
  for (const auto& product : truth.products) {
    if (product == completed || !BruteForce::keeps(product, choices)) continue;
    bool subset = true;
    for (std::size_t i = 0; i < product.selected.size(); ++i)
      subset = subset && (!product.selected[i] || completed.selected[i]);
    EXPECT_FALSE(subset) << "something could be left out";
  }
}

void check_selection(const Reasoner& reasoner, const BruteForce& truth, const Selection& choices) {
  const auto result = reasoner.validate(choices).value();
  ASSERT_EQ(result.buildable, truth.possible(choices));
  if (result.buildable) {
    EXPECT_TRUE(reasoner.holds(result.configuration));
    EXPECT_TRUE(BruteForce::keeps(result.configuration, choices));
    check_minimal(truth, choices, result.configuration);
    const auto random = reasoner.complete(choices, 5).value();
    EXPECT_TRUE(reasoner.holds(random) && BruteForce::keeps(random, choices));
    return;
  }
  check_conflict(reasoner.model(), result.conflict);
  if (truth.products.empty()) return;
  ASSERT_FALSE(result.repairs.empty());
  EXPECT_EQ(result.repairs.front().changes.size(), truth.fewest_changes(choices));
  for (const Repair& repair : result.repairs) {
    Selection mended = choices;
    for (Choice& choice : mended)
      for (const Choice& change : repair.changes)
        if (change.feature == choice.feature) choice = change;
    EXPECT_TRUE(reasoner.holds(repair.result) && BruteForce::keeps(repair.result, mended));
  }
}

TEST(ReasonerProperty, AgreesWithBruteForceOnRandomModels) {
  int empty = 0;
  int conflicts = 0;
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    SplitMix random(seed);
    const std::string text = random_model(random, 11);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
    const auto reasoner = reasoner_for(text);
    const BruteForce truth(reasoner);
    empty += truth.products.empty() ? 1 : 0;
    ASSERT_EQ(reasoner.satisfiable().value(), !truth.products.empty());
    const auto known = reasoner.core_and_dead().value();
    for (FeatureId id = 0; id < reasoner.model().features().size(); ++id) {
      const bool core = std::find(known.core.begin(), known.core.end(), id) != known.core.end();
      const bool dead = std::find(known.dead.begin(), known.dead.end(), id) != known.dead.end();
      EXPECT_EQ(core, !truth.products.empty() && !truth.possible({{id, false}}));
      EXPECT_EQ(dead, !truth.possible({{id, true}}));
    }
    for (int round = 0; round < 3; ++round) {
      Selection choices;
      for (FeatureId id = 0; id < reasoner.model().features().size(); ++id)
        if (random.below(3) == 0) choices.push_back({id, random.coin()});
      conflicts += truth.possible(choices) ? 0 : 1;
      check_selection(reasoner, truth, choices);
      if (::testing::Test::HasFailure()) return;
    }
    const auto again = read_uvl(reasoner.model().canonical());
    ASSERT_TRUE(again.ok()) << again.status().to_string();
    EXPECT_EQ(again->hash(), reasoner.model().hash());
  }
  EXPECT_GT(empty, 5);
  EXPECT_GT(conflicts, 100);
}

}  // namespace
}  // namespace loomline::variability
