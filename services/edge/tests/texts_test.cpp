#include "pages/texts.hpp"

#include <gtest/gtest.h>
#include <loomline/aftersales/v1/aftersales.pb.h>
#include <loomline/production/v1/spec.pb.h>
#include <loomline/tracking/v1/shown.pb.h>
#include <loomline/tracking/v1/tracking.pb.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "api/embedded.hpp"
#include "loomline/base/time.hpp"
#include "loomline/wire/convert.hpp"
#include "pages/certificate_page.hpp"
#include "pages/dates.hpp"

namespace loomline::edge {
namespace {

constexpr Language both[] = {Language::en, Language::zh};

google::protobuf::Timestamp at(std::string_view text) { return wire::to_timestamp(parse_rfc3339(text).value()); }

TEST(Texts, both_languages_have_the_same_keys_and_places) {
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
    for (const auto language : both)
      EXPECT_TRUE(has_text(language, prefix + std::to_string(type->value(i)->number())))
          << prefix << type->value(i)->name();
  }
}

TEST(Texts, every_value_that_customers_see_has_words) {
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

// The codes that tracking writes into a journey stand in its sources as entry("...") and setback("..."), and in the
// contracts as (loomline.tracking.v1.shown).
TEST(Texts, every_entry_of_a_journey_has_words) {
  std::set<std::string> codes;
  const std::regex written("(?:entry|setback)\\((?:folding, )?\"([a-z_]+)\"");
  for (const auto& file :
       std::filesystem::directory_iterator(std::string(LOOMLINE_SOURCE_DIR) + "/services/tracking/domain")) {
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator it(source.begin(), source.end(), written), end; it != end; ++it) codes.insert((*it)[1]);
  }
  const auto written_in_code = codes.size();
  EXPECT_GT(written_in_code, 20U);
  google::protobuf::FileDescriptorSet files;
  ASSERT_TRUE(files.ParseFromString(std::string(embedded::descriptors())));
  for (const auto& file : files.file())
    for (const auto& message : file.message_type())
      if (message.options().HasExtension(tracking::v1::shown))
        codes.insert(message.options().GetExtension(tracking::v1::shown).entry());
  EXPECT_GT(codes.size(), written_in_code);
  for (const auto& code : codes)
    for (const auto language : both) EXPECT_TRUE(code.empty() || has_text(language, "entry." + code)) << code;
}

TEST(Texts, language_is_negotiated) {
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

TEST(Dates, are_of_the_zone) {
  EXPECT_EQ(moment(at("2026-11-22T18:05:00Z"), "Asia/Shanghai", Language::en), "23 Nov 2026, 02:05");
  EXPECT_EQ(moment(at("2026-11-22T18:05:00Z"), "Europe/Berlin", Language::zh), "2026年11月22日 19:05");
  EXPECT_EQ(moment(at("2026-11-22T18:05:00Z"), "Mars/Olympus", Language::en), "22 Nov 2026, 18:05");
  EXPECT_EQ(zone_name("Mars/Olympus"), "UTC");
}

TEST(Dates, windows_are_half_open_and_short) {
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

TEST(Amount, puts_the_point_and_the_symbol) {
  EXPECT_EQ(amount(125, 1, "KGM"), "12.5 kg");
  EXPECT_EQ(amount(-5, 2, "CEL"), "−0.05 °C");
  EXPECT_EQ(amount(3, 0, "C62"), "3");
  EXPECT_EQ(amount(7, 0, "XYZ"), "7 XYZ");
}

}  // namespace
}  // namespace loomline::edge
