#include <gtest/gtest.h>

#include "loomline/postgres/connection.hpp"

namespace loomline::postgres {
namespace {

std::string with(std::string_view conninfo) { return with_database(conninfo, "new"); }

std::string refusal(std::string_view conninfo) {
  try {
    return "read as " + with(conninfo);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::other);
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
    return error.what();
  }
}

TEST(PostgresConninfo, Keywords) {
  EXPECT_EQ(with(""), "dbname='new'");
  EXPECT_EQ(with("host=db port=5432"), "host='db' port='5432' dbname='new'");
  EXPECT_EQ(with("dbname=old host=db"), "dbname='new' host='db'");
  EXPECT_EQ(with(" host = db\n\tuser\t=\tme "), "host='db' user='me' dbname='new'");
  EXPECT_EQ(with("host=a host=b"), "host='b' dbname='new'") << "the last one counts";
}

TEST(PostgresConninfo, QuotesAndEscapes) {
  EXPECT_EQ(with("password='a b' host=db"), "password='a b' host='db' dbname='new'");
  EXPECT_EQ(with("password=''"), "password='' dbname='new'");
  EXPECT_EQ(with("password="), "password='' dbname='new'");
  EXPECT_EQ(with(R"(password='it\'s \\ \x')"), R"(password='it\'s \\ x' dbname='new')");
  EXPECT_EQ(with(R"(password=a\ b\'c\\)"), R"(password='a b\'c\\' dbname='new')");
  EXPECT_EQ(with("password=it's"), R"(password='it\'s' dbname='new')") << "a quote within a word is a character";
  EXPECT_EQ(with("a='x'b=y"), "a='x' b='y' dbname='new'");
  EXPECT_EQ(with("options='-c geqo=off' sslmode=require"), "options='-c geqo=off' sslmode='require' dbname='new'");
}

TEST(PostgresConninfo, WhatIsNoKeywordListIsRefused) {
  EXPECT_NE(refusal("my secret").find("is not followed by ="), std::string::npos);
  EXPECT_NE(refusal("password=my secret").find("is not followed by ="), std::string::npos);
  EXPECT_NE(refusal("password='secret").find("password has no closing quote"), std::string::npos);
  EXPECT_NE(refusal(R"(password='secret\)").find("has no closing quote"), std::string::npos);
  EXPECT_NE(refusal("=secret").find("a keyword is missing"), std::string::npos);
}

TEST(PostgresConninfo, Uris) {
  EXPECT_EQ(with("postgresql://"), "dbname='new'");
  EXPECT_EQ(with("postgres://db"), "host='db' dbname='new'");
  EXPECT_EQ(with("postgresql://me@db/old"), "user='me' host='db' dbname='new'");
  EXPECT_EQ(with("postgresql://me:pw@db:5433/old"), "user='me' password='pw' host='db' port='5433' dbname='new'");
  EXPECT_EQ(with("postgresql:///old?host=/run/pg&port=1"), "dbname='new' host='/run/pg' port='1'");
  EXPECT_EQ(with("postgresql://db?dbname=old"), "host='db' dbname='new'");
  EXPECT_EQ(with("postgresql://db:1/old?port=2"), "host='db' port='2' dbname='new'");
  EXPECT_EQ(with("postgresql://[::1]:5432/old"), "host='::1' port='5432' dbname='new'");
  EXPECT_EQ(with("postgresql://a:1,b,c:3/old?target_session_attrs=any"),
            "host='a,b,c' port='1,,3' dbname='new' target_session_attrs='any'");
  EXPECT_EQ(with("postgresql://me@/old"), "user='me' dbname='new'");
  EXPECT_EQ(with("postgresql://db/old?ssl=true"), "host='db' dbname='new' sslmode='require'");
}

TEST(PostgresConninfo, PercentEncodingInUris) {
  EXPECT_EQ(with("postgresql://m%40e:p%3a%2F%27%5C@%2Frun%2Fpg/o%25ld"),
            R"(user='m@e' password='p:/\'\\' host='/run/pg' dbname='new')");
  EXPECT_EQ(with("postgresql://db/old?application%5fname=a%20b&options=-c%20geqo%3Doff"),
            "host='db' dbname='new' application_name='a b' options='-c geqo=off'");
  EXPECT_EQ(with("postgresql://db/gr%C3%BC"), "host='db' dbname='new'");
}

TEST(PostgresConninfo, BrokenUrisAreRefused) {
  EXPECT_NE(refusal("postgresql://me:secret%4@db").find("two hexadecimal digits"), std::string::npos);
  EXPECT_NE(refusal("postgresql://me:secret%zz@db").find("two hexadecimal digits"), std::string::npos);
  EXPECT_NE(refusal("postgresql://me:secret%00@db").find("%00"), std::string::npos);
  EXPECT_NE(refusal("postgresql://[::1/old").find("closing bracket"), std::string::npos);
  EXPECT_NE(refusal("postgresql://[]/old").find("closing bracket"), std::string::npos);
  EXPECT_NE(refusal("postgresql://[::1]x/old").find("something else"), std::string::npos);
  EXPECT_NE(refusal("postgresql://db?secret").find("keyword=value"), std::string::npos);
  EXPECT_NE(refusal("postgresql://db?=secret").find("keyword=value"), std::string::npos);
  EXPECT_NE(refusal("postgresql://db?password=sec=ret").find("second ="), std::string::npos);
}

TEST(PostgresConninfo, DatabaseNamesAreQuoted) {
  EXPECT_EQ(with_database("host=db", "it's \\ odd"), "host='db' dbname='it\\'s \\\\ odd'");
  EXPECT_EQ(with_database(with_database("host=db", "it's \\ odd"), "x"), "host='db' dbname='x'");
}

}  // namespace
}  // namespace loomline::postgres
