#include "cli/format.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/exit_code.hpp"
#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "loomline/intake/v1/intake.pb.h"

namespace loomline::cli {
namespace {

common::v1::Money amount(std::int64_t minor, const char* currency) {
  common::v1::Money out;
  out.set_minor_units(minor);
  out.set_currency(currency);
  return out;
}

TEST(Format, MoneyHasItsCurrencysDecimals) {
  EXPECT_EQ(money(amount(84190, "EUR")), "841.90 EUR");
  EXPECT_EQ(money(amount(5, "EUR")), "0.05 EUR");
  EXPECT_EQ(money(amount(-150, "EUR")), "-1.50 EUR");
  EXPECT_EQ(money(amount(1200, "JPY")), "1200 JPY");
  EXPECT_EQ(money(amount(1234, "KWD")), "1.234 KWD");
  EXPECT_EQ(money({}), "");
}

TEST(Format, MoneyIsReadBackOrRefused) {
  EXPECT_EQ((*parse_money("1200.50EUR")).minor_units(), 120050);
  EXPECT_EQ((*parse_money("1200 EUR")).minor_units(), 120000);
  EXPECT_EQ((*parse_money("1200JPY")).minor_units(), 1200);
  for (const char* bad : {"", "EUR", "12", "12.345EUR", "12.3.4EUR", "-5EUR", "12eur", "12 EURO", "1.5JPY", ".EUR",
                          "99999999999999999999EUR"}) {
    EXPECT_FALSE(parse_money(bad).ok()) << bad;
  }
}

TEST(Format, EnumsReadAsWordsAndBack) {
  EXPECT_EQ(enum_text(production::v1::MILESTONE_IN_PRODUCTION), "in production");
  EXPECT_EQ(enum_text(production::v1::MILESTONE_UNSPECIFIED), "");
  EXPECT_EQ(*parse_enum<production::v1::Milestone>("--until", "in-production"),
            production::v1::MILESTONE_IN_PRODUCTION);
  EXPECT_EQ(*parse_enum<intake::v1::OrderState>("--state", "PLACED"), intake::v1::ORDER_STATE_PLACED);
  const auto bad = parse_enum<intake::v1::OrderState>("--state", "lost");
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.status().to_string().find("captured, confirmed"), std::string::npos) << bad.status().to_string();
}

TEST(Table, AlignsByWhatATerminalShows) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("h\xc3\xa9llo"), 5U);
  EXPECT_EQ(display_width("\xe8\xae\xa2\xe5\x8d\x95"), 4U);
  Table table({"A", "B"});
  table.row({"\xe8\xae\xa2\xe5\x8d\x95", "x"});
  table.row({"abcde", "y"});
  std::ostringstream out;
  table.print(out, false);
  EXPECT_EQ(out.str(), "A      B\n\xe8\xae\xa2\xe5\x8d\x95   x\nabcde  y\n");
}

TEST(Table, EscapeSequencesInDataAreDefused) {
  Table table({"NAME"});
  table.row({"\033[31mred\n"});
  std::ostringstream out;
  table.print(out, false);
  EXPECT_EQ(out.str(), "NAME\n?[31mred?\n");
}

TEST(Progress, IsSilentWhereItIsNotVisible) {
  std::ostringstream err;
  Progress(err, false).show(1, 2, "x");
  EXPECT_EQ(err.str(), "");
  Progress(err, true).show(1, 2, "x");
  EXPECT_NE(err.str().find("[############............] 1/2  x"), std::string::npos);
}

TEST(ExitCodes, EveryCodeHasOne) {
  EXPECT_EQ(exit_code({}), 0);
  for (const auto& [code, exit] : {std::pair{Code::invalid_argument, 2},
                                   {Code::not_found, 3},
                                   {Code::unavailable, 4},
                                   {Code::deadline_exceeded, 4},
                                   {Code::unauthenticated, 5},
                                   {Code::permission_denied, 5},
                                   {Code::failed_precondition, 6},
                                   {Code::already_exists, 6},
                                   {Code::internal, 70}}) {
    EXPECT_EQ(exit_code(Status(code, "R", "M")), exit);
  }
}

}  // namespace
}  // namespace loomline::cli
