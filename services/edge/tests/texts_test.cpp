#include "pages/texts.hpp"

#include <gtest/gtest.h>
#include <loomline/aftersales/v1/aftersales.pb.h>
#include <loomline/production/v1/spec.pb.h>
#include <loomline/tracking/v1/tracking.pb.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "loomline/base/time.hpp"
#include "loomline/wire/convert.hpp"
#include "pages/certificate_page.hpp"
#include "pages/dates.hpp"

namespace loomline::edge {
namespace {

constexpr Language kBoth[] = {Language::en, Language::zh};

google::protobuf::Timestamp at(std::string_view text) { return wire::to_timestamp(parse_rfc3339(text).value()); }

TEST(Texts, BothLanguagesHaveTheSameKeysAndPlaces) {
  const std::regex place("\\{[a-z]+\\}");
  ASSERT_EQ(catalogue(Language::en).size(), catalogue(Language::zh).size());
  for (const auto& [key, en] : catalogue(Language::en)) {
    ASSERT_TRUE(has_text(Language::zh, key)) << key;
    const std::string zh = say(Language::zh, key);
    const auto places = [&](const std::string& text) {
      return std::set<std::string>(std::sregex_token_iterator(text.begin(), text.end(), place),
                                   std::sregex_token_iterator());
    };
    EXPECT_EQ(places(en), places(zh)) << key;
    EXPECT_FALSE(en.empty() || zh.empty()) << key;
  }
}

template <class Enum>
void every(const google::protobuf::EnumDescriptor* type, const std::string& prefix) {
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() == 0) continue;
    for (const auto language : kBoth)
      EXPECT_TRUE(has_text(language, prefix + std::to_string(type->value(i)->number())))
          << prefix << type->value(i)->name();
  }
}

TEST(Texts, EveryValueThatCustomersSeeHasWords) {
  every<int>(production::v1::Milestone_descriptor(), "milestone.");
  every<int>(production::v1::Milestone_descriptor(), "headline.m");
  every<int>(tracking::v1::CustomerReason_descriptor(), "reason.");
  every<int>(tracking::v1::JourneyStatus_descriptor(), "status.");
  every<int>(aftersales::v1::TicketCategory_descriptor(), "ask.category.");
  every<int>(aftersales::v1::Priority_descriptor(), "priority.");
  const auto* states = aftersales::v1::TicketState_descriptor();
  for (int i = 1; i < states->value_count(); ++i)
    EXPECT_TRUE(has_text(Language::en, "ticket." + states->value(i)->name().substr(13)));
}

// The codes that tracking writes into a journey stand in its sources as entry("...") and setback("...").
TEST(Texts, EveryEntryOfAJourneyHasWords) {
  std::size_t seen = 0;
  for (const char* name : {"aftersales", "intake", "quality", "scheduling", "shipping"}) {
    std::ifstream file(std::string(LOOMLINE_SOURCE_DIR) + "/services/tracking/domain/fold_" + name + ".cpp");
    std::stringstream text;
    text << file.rdbuf();
    const std::string source = text.str();
    const std::regex code("(?:entry|setback)\\((?:folding, )?\"([a-z_]+)\"");
    for (std::sregex_iterator it(source.begin(), source.end(), code), end; it != end; ++it, ++seen)
      EXPECT_TRUE(has_text(Language::en, "entry." + (*it)[1].str())) << (*it)[1];
  }
  if (seen == 0) GTEST_SKIP() << "services/tracking is not in this tree";
}

TEST(Texts, LanguageIsNegotiated) {
  const auto of = [](std::string_view accept, std::string_view lang = {}) {
    http::Request request;
    if (!accept.empty()) request.headers.set("Accept-Language", std::string(accept));
    if (!lang.empty()) request.query.emplace_back("lang", lang);
    return language_of(request);
  };
  EXPECT_EQ(of(""), Language::en);
  EXPECT_EQ(of("zh-CN,zh;q=0.9,en;q=0.8"), Language::zh);
  EXPECT_EQ(of("en-GB,en;q=0.9,zh;q=0.1"), Language::en);
  EXPECT_EQ(of("fr,zh;q=0.7,en;q=0.35"), Language::zh);
  EXPECT_EQ(of("de"), Language::en);
  EXPECT_EQ(of("zh", "en"), Language::en);
  EXPECT_EQ(of("en", "zh"), Language::zh);
  EXPECT_EQ(of("zh;q=,,;;q=abc,en;q=99"), Language::en);
}

TEST(Dates, AreOfTheZone) {
  EXPECT_EQ(moment(at("2026-11-22T18:05:00Z"), "Asia/Shanghai", Language::en), "23 Nov 2026, 02:05");
  EXPECT_EQ(moment(at("2026-11-22T18:05:00Z"), "Europe/Berlin", Language::zh), "2026年11月22日 19:05");
  EXPECT_EQ(moment(at("2026-11-22T18:05:00Z"), "Mars/Olympus", Language::en), "22 Nov 2026, 18:05");
  EXPECT_EQ(zone_name("Mars/Olympus"), "UTC");
}

TEST(Dates, WindowsAreHalfOpenAndShort) {
  const auto window = [](std::string_view from, std::string_view to, Language language) {
    return days(at(from), at(to), "UTC", language);
  };
  EXPECT_EQ(window("2026-11-30T00:00:00Z", "2026-12-03T00:00:00Z", Language::en), "30 Nov – 2 Dec 2026");
  EXPECT_EQ(window("2026-12-01T00:00:00Z", "2026-12-04T00:00:00Z", Language::en), "1 – 3 Dec 2026");
  EXPECT_EQ(window("2026-12-30T00:00:00Z", "2027-01-03T00:00:00Z", Language::en), "30 Dec 2026 – 2 Jan 2027");
  EXPECT_EQ(window("2026-12-01T08:00:00Z", "2026-12-01T18:00:00Z", Language::en), "1 Dec 2026");
  EXPECT_EQ(window("2026-12-01T00:00:00Z", "2026-12-04T00:00:00Z", Language::zh), "2026年12月1日至3日");
  EXPECT_EQ(window("2026-11-30T00:00:00Z", "2026-12-03T00:00:00Z", Language::zh), "2026年11月30日至12月2日");
}

TEST(Amount, PutsThePointAndTheSymbol) {
  EXPECT_EQ(amount(125, 1, "KGM"), "12.5 kg");
  EXPECT_EQ(amount(-5, 2, "CEL"), "−0.05 °C");
  EXPECT_EQ(amount(3, 0, "C62"), "3");
  EXPECT_EQ(amount(7, 0, "XYZ"), "7 XYZ");
}

}  // namespace
}  // namespace loomline::edge
