#include "loomline/variability/uvl.hpp"

#include <gtest/gtest.h>

#include <string>

namespace loomline::variability {
namespace {

ProductModel read(std::string_view text) {
  auto model = read_uvl(text);
  if (!model.ok()) throw std::runtime_error(model.status().to_string());
  return std::move(model).value();
}

// "REASON line L, column C" of the error that reading `text` gives.
std::string error_of(std::string_view text, const UvlLimits& limits = {}) {
  const auto model = read_uvl(text, limits);
  if (model.ok()) return "none";
  const auto& status = model.status();
  EXPECT_EQ(status.violations().size(), 1u);
  EXPECT_FALSE(status.violations().front().problem.empty());
  EXPECT_FALSE(status.violations().front().remedy.empty());
  return status.reason() + " " + status.violations().front().field;
}

TEST(Uvl, ReadsTreeGroupsAttributesAndConstraints) {
  const auto model = read(R"(namespace shop
features
	"Air Compressor" {abstract, Price 841.90, notes {maker 'us', years [1, 2.5, 'x']}, sold false}
		mandatory
			Drive
				alternative
					Fixed {Price -3}
					Vsd
		optional
			Dryer
			"M.2 SSD"
		[1..2]
			A
			B
			C
constraints
	Vsd => Dryer & !A // why
	(Dryer |
		A) <=> B
)");
  EXPECT_EQ(model.name_space(), "shop");
  ASSERT_EQ(model.features().size(), 9u);
  EXPECT_TRUE(model.feature(0).abstract);
  EXPECT_EQ(model.number(0, "Price"), (Decimal{84190, 2}));
  EXPECT_EQ(model.number(*model.find("Fixed"), "Price"), (Decimal{-3, 0}));
  const auto* notes = find_attribute(model.feature(0).attributes, "notes");
  ASSERT_NE(notes, nullptr);
  EXPECT_EQ(notes->fields[1].second.items[1].number, (Decimal{25, 1}));
  EXPECT_EQ(model.name(model.parent(*model.find("Vsd"))), "Drive");
  ASSERT_EQ(model.groups().size(), 4u);
  EXPECT_EQ(model.groups()[3].upper, 2u);
  ASSERT_EQ(model.constraints().size(), 2u);
  EXPECT_EQ(model.constraints()[0].text, "Vsd => Dryer & !A");
  EXPECT_EQ(model.constraints()[0].line, 17);
  EXPECT_EQ(model.constraints()[1].line, 18);
  EXPECT_TRUE(model.find("M.2 SSD").has_value());
}

TEST(Uvl, CanonicalTextReadsBackToTheSameModel) {
  const std::string spaced = R"(features
    R {z 'say "x"', a 1.50, abstract}
        or
            A {constraint !B => A}
            "B c" {constraints [A | (B & !A), B <=> A => A]}
            B
constraints
    /* a
       comment */ !(A & B) | A => (B => A)
)";
  const auto model = read(spaced);
  const auto again = read(model.canonical());
  EXPECT_EQ(model.canonical(), again.canonical());
  EXPECT_EQ(model.hash(), again.hash());
  ASSERT_EQ(model.constraints().size(), 4u);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(model.constraints()[i].expression, again.constraints()[i].expression) << i;
  EXPECT_NE(model.hash(), read("features\n\tR\n").hash());
}

TEST(Uvl, PrecedenceAndAssociativity) {
  const auto model =
      read("features\n R\n  optional\n   a\n   b\n   c\nconstraints\n a => b => c\n !a & b | c <=> a | b & c\n");
  const auto name = [&](FeatureId id) { return model.name(id); };
  EXPECT_EQ(to_string(model.constraints()[0].expression, name), "a => b => c");
  // left associative: (a => b) => c is false for a=0, c=0
  EXPECT_FALSE(model.constraints()[0].expression.evaluate({true, false, false, false}));
  EXPECT_EQ(to_string(model.constraints()[1].expression, name), "!a & b | c <=> a | b & c");
}

TEST(Uvl, ErrorsNameThePlace) {
  EXPECT_EQ(error_of(""), "UVL_SYNTAX line 1, column 1");
  EXPECT_EQ(error_of("features\nR\n"), "UVL_SYNTAX line 2, column 1");
  EXPECT_EQ(error_of("features\n\tR\n\t\tA\n"), "UVL_SYNTAX line 3, column 3");
  EXPECT_EQ(error_of("features\n\tR\n\t\toptional\n\t\t\tA\n\t\t\tA\n"), "UVL_NAME line 5, column 4");
  EXPECT_EQ(error_of("features\n\tR\n\t\toptional\n\t\t\tA\n\t\t    B\n"), "UVL_SYNTAX line 5, column 7");
  EXPECT_EQ(error_of("features\n\tR\n\tS\n"), "UVL_SYNTAX line 3, column 2");
  EXPECT_EQ(error_of("features\n\tR\n\t\tor\n"), "UVL_SYNTAX line 3, column 1");
  EXPECT_EQ(error_of("features\n\tR {Price}x\n"), "UVL_SYNTAX line 2, column 11");
  EXPECT_EQ(error_of("features\n\tR {Price 1"), "UVL_SYNTAX line 2, column 12");
  EXPECT_EQ(error_of("features\n\tR {a 1, a 2}"), "UVL_NAME line 2, column 13");
  EXPECT_EQ(error_of("features\n\t\"R\n"), "UVL_SYNTAX line 2, column 2");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\tR &\n"), "UVL_SYNTAX line 5, column 1");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\t(R\n"), "UVL_SYNTAX line 5, column 1");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\tR)\n"), "UVL_SYNTAX line 4, column 3");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\tR S\n"), "UVL_SYNTAX line 4, column 4");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\tX\n"), "UVL_NAME line 4, column 2");
  EXPECT_EQ(error_of("features\n\t64BIT\n"), "UVL_SYNTAX line 2, column 2");
  EXPECT_EQ(error_of("features\n\tR\xff\n"), "UVL_SYNTAX line 2, column 3");
  EXPECT_EQ(error_of(std::string("features\n\tR\0", 12)), "UVL_SYNTAX line 2, column 3");
  EXPECT_EQ(error_of("features\n\tR\n\t\t[3..2]\n\t\t\tA\n"), "UVL_SYNTAX line 3, column 3");
  EXPECT_EQ(error_of("features\n\tR /* never"), "UVL_SYNTAX line 2, column 4");
}

TEST(Uvl, ConstructsBeyondTheBooleanLevelAreNamed) {
  EXPECT_EQ(error_of("features\n\tInteger R\n"), "UVL_LEVEL line 2, column 2");
  EXPECT_EQ(error_of("features\n\tR cardinality [1..3]\n"), "UVL_LEVEL line 2, column 4");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\tsum(Price) < 10\n"), "UVL_LEVEL line 4, column 2");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\tR > 3\n"), "UVL_LEVEL line 4, column 4");
  EXPECT_EQ(error_of("features\n\tR\nconstraints\n\t20 < R\n"), "UVL_LEVEL line 4, column 2");
  EXPECT_EQ(error_of("include\n\tArithmetic\nfeatures\n\tR\n"), "UVL_LEVEL line 2, column 2");
  EXPECT_EQ(error_of("include\n\tBoolean.group-cardinality\nfeatures\n\tR\n"), "none");
  EXPECT_EQ(error_of("imports\n\tother\nfeatures\n\tR\n"), "UVL_LEVEL line 1, column 1");
}

TEST(Uvl, HostileDepthIsRefusedOrReadWithoutRecursion) {
  const std::string head = "features\n\tR\nconstraints\n\t";
  const std::size_t deep = 90'000;
  EXPECT_EQ(error_of(head + std::string(deep, '(') + "R" + std::string(deep, ')')), "none");
  EXPECT_EQ(error_of(head + std::string(deep, '!') + "R"), "none");
  EXPECT_EQ(error_of(head + std::string(200'000, '(')).substr(0, 9), "UVL_LIMIT");
  std::string chain = "R";
  for (int i = 0; i < 200'000; ++i) chain += i % 2 == 0 ? " => R" : " <=> R";
  EXPECT_EQ(error_of(head + chain), "none");
  std::string tree = "features\n R\n";
  for (std::size_t i = 1; i < 2000; ++i)
    tree += std::string(i * 2, ' ') + "optional\n" + std::string(i * 2 + 1, ' ') + "F" + std::to_string(i) + "\n";
  EXPECT_EQ(error_of(tree).substr(0, 9), "UVL_LIMIT");
  EXPECT_EQ(error_of("features\n\tR {a " + std::string(50'000, '[')).substr(0, 9), "UVL_LIMIT");
  std::string nested = "features\n\tR ";
  for (int i = 0; i < 50'000; ++i) nested += "{a ";
  EXPECT_EQ(error_of(nested).substr(0, 9), "UVL_LIMIT");
  UvlLimits small;
  small.bytes = 4;
  EXPECT_EQ(error_of("features", small).substr(0, 9), "UVL_LIMIT");
}

// Every prefix and every single-byte change of a model is read or refused, never a crash (the sanitizer presets look).
TEST(Uvl, DamagedTextNeverCrashes) {
  const std::string text =
      "namespace n\nfeatures\n\tR {a [1, {b 'c'}], constraint A}\n\t\t[1..*]\n\t\t\tA\n\t\t\t\"B b\"\nconstraints\n"
      "\t(A | !\"B b\") => R <=> A & A\n";
  ASSERT_EQ(error_of(text), "none");
  for (std::size_t i = 0; i < text.size(); ++i) {
    (void)read_uvl(text.substr(0, i));
    for (const char c : std::string("{}[](),.!&|=<>\"'\n\t 1A\xc3\x00", 23)) {
      std::string damaged = text;
      damaged[i] = c;
      (void)read_uvl(damaged);
    }
  }
}

TEST(Uvl, ConditionsOverAModel) {
  const auto model = read("features\n\tR\n\t\toptional\n\t\t\tDryer\n\t\t\tDrive\n");
  const auto condition = read_expression(" Dryer & !Drive ", model);
  ASSERT_TRUE(condition.ok());
  EXPECT_TRUE(condition->evaluate({true, true, false}));
  EXPECT_FALSE(condition->evaluate({true, true, true}));
  EXPECT_TRUE(read_expression("  ", model)->empty());
  const auto wrong = read_expression("Dryr", model);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.status().reason(), "FEATURE_UNKNOWN");
  EXPECT_EQ(wrong.status().violations().front().remedy, "did you mean \"Dryer\"?");
  EXPECT_FALSE(read_expression("Dryer Drive", model).ok());
  EXPECT_FALSE(read_expression("Dryer,", model).ok());
}

TEST(Decimal, ExactScales) {
  EXPECT_EQ(Decimal::parse("841.90")->at_scale(2), 84190);
  EXPECT_EQ(Decimal::parse("841.900")->at_scale(2), 84190);
  EXPECT_EQ(Decimal::parse("0.005")->at_scale(2), std::nullopt);
  EXPECT_EQ(Decimal::parse("-0.5")->to_string(), "-0.5");
  EXPECT_EQ(Decimal::parse("9223372036854775807"), std::nullopt);
  EXPECT_EQ(Decimal::parse("999999999999999999")->at_scale(2), std::nullopt);
  for (const char* wrong : {"", "-", ".", "1.", ".5", "1e3", "+1", "1.2.3", " 1"})
    EXPECT_FALSE(Decimal::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace loomline::variability
