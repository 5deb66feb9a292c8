#include "src/text.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace loomline::postgres {
namespace {

Time at(std::int64_t micros) { return Time(Duration(micros)); }

TEST(PostgresText, TimesAsTheServerWritesThem) {
  EXPECT_EQ(read_time("1970-01-01 00:00:00+00"), at(0));
  EXPECT_EQ(read_time("1970-01-01 00:00:01.5+00"), at(1'500'000));
  EXPECT_EQ(read_time("1969-12-31 23:59:59.999999+00"), at(-1));
  EXPECT_EQ(read_time("2000-02-29 12:00:00+00"), at(951'825'600'000'000));
  EXPECT_EQ(read_time("1970-01-01 05:45:00+05:45"), at(0)) << "an offset counts";
  EXPECT_EQ(read_time("1969-12-31 16:07:02-07:52:58"), at(0));
  EXPECT_EQ(read_time("0001-01-01 00:00:00+00 BC"), at(-62'167'219'200'000'000));
  EXPECT_EQ(read_time("infinity"), Time::max());
  EXPECT_EQ(read_time("-infinity"), Time::min());
}

TEST(PostgresText, TimesReadBackAsWritten) {
  EXPECT_EQ(write_time(at(-1)), "1969-12-31 23:59:59.999999+00");
  EXPECT_EQ(write_time(at(-62'167'219'200'000'000)), "0001-01-01 00:00:00.000000+00 BC");
  EXPECT_EQ(write_time(Time::max()), "infinity");
  // Steps that fall on no round number, over all that 64 bits hold.
  for (std::int64_t micros = -9'000'000'000'000'000'000; micros < 9'000'000'000'000'000'000;
       micros += 7'919'000'000'000'003)
    ASSERT_EQ(read_time(write_time(at(micros))), at(micros)) << write_time(at(micros));
}

TEST(PostgresText, OtherDateStylesAreRefused) {
  for (const auto* text : {"", "03/01/2026 12:00:00 UTC", "2026-03-01", "2026-13-01 00:00:00+00", "2026-03-01 12:00:00",
                           "2026-03-01 12:00:00+00x", "2026-03-01 12:00:00.1234567+00", "2026--3-01 12:00:00+00"})
    EXPECT_THROW(read_time(text), std::logic_error) << text;
}

TEST(PostgresText, Numbers) {
  EXPECT_EQ(read_int64("-9223372036854775808"), INT64_MIN);
  EXPECT_THROW(read_int64("9223372036854775808"), std::logic_error);
  EXPECT_THROW(read_int64("1.5"), std::logic_error);
  EXPECT_THROW(read_int64(""), std::logic_error);
  EXPECT_EQ(write_double(0.1), "0.1");
  EXPECT_EQ(read_double(write_double(1.0 / 3)), 1.0 / 3);
  EXPECT_EQ(write_double(-1.0 / 0.0), "-Infinity");
}

TEST(PostgresText, Arrays) {
  using Items = std::vector<std::string>;
  EXPECT_EQ(read_array("{}"), Items());
  EXPECT_EQ(read_array("{a,b c,\"\"}"), (Items{"a", "b c", ""}));
  EXPECT_EQ(read_array(R"({"a,b","c\"d","e\\f","{}","NULL"})"), (Items{"a,b", "c\"d", "e\\f", "{}", "NULL"}));
  EXPECT_EQ(read_array("[0:1]={x,y}"), (Items{"x", "y"}));
  EXPECT_THROW(read_array("{a,NULL}"), std::logic_error);
  EXPECT_THROW(read_array("{{a},{b}}"), std::logic_error);
  for (const auto* broken : {"", "{", "a,b", "{\"a}", "{\"a\"b}", "{a,}", "[0:1]", "{\"a\\\"}"})
    EXPECT_THROW(read_array(broken), std::logic_error) << broken;
}

TEST(PostgresText, BytesInHex) {
  std::string all, hex = "\\x";
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
    for (const int digit : {i / 16, i % 16}) hex.push_back("0123456789abcdef"[digit]);
  }
  for (std::size_t length = 0; length <= 256; ++length) {  // whole words of eight digits, and what is left over
    const auto text = hex.substr(0, 2 + 2 * length);
    ASSERT_EQ(hex_bytes(text), length);
    std::string bytes(length, '?');
    read_hex(text, bytes.data());
    ASSERT_EQ(bytes, all.substr(0, length));
  }
  EXPECT_THROW(hex_bytes("\\x123"), std::logic_error);
  EXPECT_THROW(hex_bytes("abc\\000"), std::logic_error) << "bytea_output = escape";
}

}  // namespace
}  // namespace loomline::postgres
