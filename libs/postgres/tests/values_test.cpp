// Every kind of value, there and back.
#include <cmath>
#include <limits>

#include "tests/server.hpp"

namespace loomline::postgres {
namespace {

using PostgresValues = ServerTest;

TEST_F(PostgresValues, BytesOfEveryValue) {
  Connection connection(options_);
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  for (const auto& bytes : {all, std::string(), std::string(1, '\0'), std::string("\\x41"), all + all + "odd"}) {
    const auto row = connection.exec("SELECT $1::bytea, octet_length($1::bytea), NULL::bytea", Bytes{bytes}).one();
    EXPECT_EQ(row.bytes(0), bytes);
    EXPECT_EQ(row.get<std::string>(0), bytes);
    EXPECT_FALSE(row.is_null(0));
    EXPECT_EQ(row.int64(1), static_cast<std::int64_t>(bytes.size()));
    EXPECT_TRUE(row.is_null(2));
    EXPECT_THROW(row.bytes(2), std::logic_error);
  }
  const std::vector<std::string> many{all, "", std::string("\0\0", 2)};
  EXPECT_EQ(connection.exec("SELECT $1::bytea[]", bytea_array(many)).one().texts(0), many);
  const auto rows = connection.exec("SELECT unnest($1::bytea[])", bytea_array(many));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rows[i].bytes(0), many[static_cast<std::size_t>(i)]);
}

TEST_F(PostgresValues, TextArraysOfAwkwardText) {
  Connection connection(options_);
  const std::vector<std::string> texts{"",           "plain",     "it's",  "\"quoted\"", "back\\slash", "a,b",
                                       "{c}",        "new\nline", "tab\t", " space ",    "NULL",        "null",
                                       "grüße 注文", "\\",        "\"",    "\\\""};
  EXPECT_EQ(connection.exec("SELECT $1::text[]", text_array(texts)).one().texts(0), texts);
  const auto rows = connection.exec("SELECT unnest($1::text[])", text_array(texts));
  for (int i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].text(0), texts[static_cast<std::size_t>(i)]);
  for (const auto& text : texts) EXPECT_EQ(connection.exec("SELECT $1::text", text).one().text(0), text);
}

TEST_F(PostgresValues, EmptyArraysAndNulls) {
  Connection connection(options_);
  const std::vector<std::string> none;
  const std::vector<std::int64_t> no_numbers;
  EXPECT_TRUE(connection.exec("SELECT $1::text[]", text_array(none)).one().texts(0).empty());
  EXPECT_TRUE(connection.exec("SELECT $1::bigint[]", bigint_array(no_numbers)).one().int64s(0).empty());
  EXPECT_EQ(connection.exec("SELECT unnest($1::bytea[])", bytea_array(none)).size(), 0);
  const std::vector<std::optional<std::int64_t>> holes{std::nullopt, 7, std::nullopt};
  const auto row = connection
                       .exec("SELECT $1::bigint[], $1::bigint[] IS NULL, ($1::bigint[])[1] IS NULL, ($1::bigint[])[2]",
                             bigint_array(holes))
                       .one();
  EXPECT_THROW(row.int64s(0), std::logic_error);
  EXPECT_FALSE(row.boolean(1));
  EXPECT_TRUE(row.boolean(2));
  EXPECT_EQ(row.int64(3), 7);
  EXPECT_EQ(connection.exec("SELECT '[2:3]={5,6}'::bigint[]").one().int64s(0), (std::vector<std::int64_t>{5, 6}));
  EXPECT_THROW(connection.exec("SELECT '{{5},{6}}'::bigint[]").one().int64s(0), std::logic_error);
}

TEST_F(PostgresValues, Numbers) {
  Connection connection(options_);
  using Limits = std::numeric_limits<std::int64_t>;
  const std::vector<std::int64_t> integers{Limits::min(), -1, 0, 1, Limits::max()};
  for (const auto value : integers) {
    EXPECT_EQ(connection.exec("SELECT $1::bigint", value).one().int64(0), value);
  }
  EXPECT_EQ(connection.exec("SELECT $1::bigint[]", bigint_array(integers)).one().int64s(0), integers);
  EXPECT_THROW(connection.exec("SELECT $1::int", Limits::max()), Error);
  const auto narrow = connection.exec("SELECT (-32768)::smallint, 4294967295::oid, true, 1.5::real, 0.1::real").one();
  EXPECT_EQ(narrow.int64(0), -32768);
  EXPECT_EQ(narrow.int64(1), 4294967295);
  EXPECT_EQ(narrow.get<bool>(2), true);
  EXPECT_EQ(narrow.real(3), 1.5);
  EXPECT_EQ(narrow.real(4), static_cast<double>(0.1F));

  using Reals = std::numeric_limits<double>;
  const std::vector<double> reals{0.1,
                                  -0.0,
                                  1.0 / 3,
                                  1e-310,
                                  Reals::max(),
                                  Reals::min(),
                                  Reals::denorm_min(),
                                  Reals::infinity(),
                                  -Reals::infinity()};
  const auto back = connection.exec("SELECT unnest($1::float8[])", double_array(reals));
  for (int i = 0; i < back.size(); ++i) {
    const auto real = reals[static_cast<std::size_t>(i)];
    const auto alone = connection.exec("SELECT $1::float8", real).one().real(0);
    EXPECT_EQ(alone, real);
    EXPECT_EQ(std::signbit(alone), std::signbit(real));
    EXPECT_EQ(back[i].real(0), real);
  }
  EXPECT_TRUE(std::isnan(connection.exec("SELECT $1::float8", Reals::quiet_NaN()).one().real(0)));
  const auto flags = connection.exec("SELECT unnest($1::bool[])", bool_array(std::vector<bool>{true, false}));
  EXPECT_TRUE(flags[0].boolean(0));
  EXPECT_FALSE(flags[1].boolean(0));
}

TEST_F(PostgresValues, TimesOfEveryEra) {
  // What the environment of the process wishes does not change how times read.
  ::setenv("PGTZ", "Asia/Kathmandu", 1);
  ::setenv("PGDATESTYLE", "German", 1);
  Connection connection(options_);
  ::unsetenv("PGTZ");
  ::unsetenv("PGDATESTYLE");
  const auto year = [](int years) { return Duration(std::chrono::microseconds(31'556'952'000'000LL * years)); };
  for (const auto micros : {0LL, 1LL, -1LL, 946'684'800'000'000LL, 1'772'366'400'000'001LL, -123'456'789'012'345LL}) {
    for (const auto era : {0, -1969, -1970, -1971, -4000, 8029, 8030, 100'000, 290'000}) {
      const Time time = Time(Duration(micros)) + year(era);
      const auto row =
          connection.exec("SELECT $1::timestamptz, (extract(epoch FROM $1::timestamptz) * 1000000)::bigint", time)
              .one();
      EXPECT_EQ(row.time(0), time);
      EXPECT_EQ(row.int64(1), time.time_since_epoch().count());
    }
  }
  EXPECT_EQ(connection.exec("SELECT $1::timestamptz", Time::max()).one().time(0), Time::max());
  EXPECT_EQ(connection.exec("SELECT '-infinity'::timestamptz").one().time(0), Time::min());
  const std::optional<Time> never;
  EXPECT_EQ(connection.exec("SELECT $1::timestamptz", never).one().get<std::optional<Time>>(0), std::nullopt);
}

TEST_F(PostgresValues, GettersRefuseWhatIsNotThere) {
  Connection connection(options_);
  const auto rows = connection.exec("SELECT 1::numeric, NULL::int, 'x'::text UNION ALL SELECT 2, 3, 'y' ORDER BY 1");
  EXPECT_THROW(rows[0].int64(0), std::logic_error);
  EXPECT_THROW(rows[0].int64(1), std::logic_error);
  EXPECT_THROW(rows[0].bytes(2), std::logic_error);
  EXPECT_THROW(rows[0].time(2), std::logic_error);
  EXPECT_THROW(rows[0].text(3), std::logic_error);
  EXPECT_THROW(rows[0].text(-1), std::logic_error);
  EXPECT_THROW(rows[2], std::logic_error);
  EXPECT_THROW(rows.one(), std::logic_error);
  EXPECT_EQ(rows[1].get<std::optional<int>>(1), 3);
  EXPECT_EQ(rows[0].get<std::optional<int>>(1), std::nullopt);
  EXPECT_EQ(Rows().size(), 0);
}

TEST_F(PostgresValues, RowsOutliveTheirConnection) {
  Rows rows;
  {
    Connection connection(options_);
    rows = connection.exec("SELECT repeat('x', 1000)::text, '\\x00ff'::bytea");
  }
  const auto row = rows.one();
  rows = {};
  EXPECT_EQ(row.text(0), std::string(1000, 'x'));
  EXPECT_EQ(row.bytes(1), std::string_view("\0\xff", 2));
}

}  // namespace
}  // namespace loomline::postgres
