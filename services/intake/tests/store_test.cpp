// Vault and tokens on a real database.
#include <gtest/gtest.h>

#include <cstdlib>

#include "migrations.hpp"
#include "loomline/base/id.hpp"
#include "loomline/postgres/migrations.hpp"
#include "store/cipher.hpp"
#include "store/secrets.hpp"
#include "store/tokens.hpp"
#include "store/vault.hpp"

namespace loomline::intake::store {
namespace {

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* server = std::getenv("LOOMLINE_POSTGRES");
    if (server == nullptr) GTEST_SKIP() << "LOOMLINE_POSTGRES is not set; tests/run starts a server";
    admin = {.conninfo = server};
    database = "intake_store_" + random_hex128().substr(0, 12);
    postgres::create_database_if_missing(admin, database);
    postgres::Options options{.conninfo = postgres::with_database(server, database)};
    pool = std::make_unique<postgres::Pool>(options, 4);
    std::vector<postgres::Migration> steps;
    const auto all = migrations();
    for (const auto& step : all) steps.push_back({step.version, step.name, step.sql});
    auto connection = pool->acquire();
    EXPECT_EQ(postgres::migrate(*connection, "intake", steps), 2);
  }
  void TearDown() override {
    pool.reset();
    if (!database.empty()) postgres::Connection(admin).exec_script("DROP DATABASE " + database + " WITH (FORCE)");
  }

  static v1::PersonalDetails wang() {
    v1::PersonalDetails details;
    details.set_name("Wang Fang");
    details.set_country("CN");
    return details;
  }
  std::string stored_bytes() {
    auto connection = pool->acquire();
    std::string all;
    for (const auto row : connection->exec("SELECT sealed FROM vault_entry")) all += row.bytes(0);
    return all;
  }

  postgres::Options admin;
  std::string database;
  std::unique_ptr<postgres::Pool> pool;
  const Time now = parse_rfc3339("2026-03-02T08:00:00Z").value();
};

TEST(Cipher, OpensOnlyWhatItSealedUnderItsName) {
  const std::string key = random_bytes(key_bytes);
  auto sealed = seal(key, "Wang Fang", "main/sub_1/1");
  EXPECT_EQ(open(key, sealed, "main/sub_1/1"), "Wang Fang");
  EXPECT_EQ(open(key, seal(key, "", "x"), "x"), "");
  EXPECT_NE(sealed, seal(key, "Wang Fang", "main/sub_1/1"));
  EXPECT_FALSE(open(key, sealed, "main/sub_2/1"));
  EXPECT_FALSE(open(random_bytes(key_bytes), sealed, "main/sub_1/1"));
  EXPECT_FALSE(open(key, "short", "main/sub_1/1"));
  sealed[15] = static_cast<char>(sealed[15] ^ 1);
  EXPECT_FALSE(open(key, sealed, "main/sub_1/1"));
}

TEST_F(StoreTest, KeepsVersionsFrozenAndSealed) {
  Vault vault(*pool, random_bytes(key_bytes));
  const auto first = vault.add_person("main", "request-1", wang());
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_EQ(first->version, 1U);
  EXPECT_TRUE(is_id(prefix::subject, first->subject_id));
  auto moved = wang();
  moved.set_city("Suzhou");
  EXPECT_EQ(vault.add_version("main", first->subject_id, "request-2", moved)->version, 2U);
  EXPECT_EQ(vault.read("main", first->subject_id, 1)->details().city(), "");
  EXPECT_EQ(vault.read("main", first->subject_id, 0)->details().city(), "Suzhou");
  EXPECT_EQ(vault.read("main", first->subject_id, 3).status().reason(), "SUBJECT_VERSION_UNKNOWN");
  EXPECT_EQ(vault.read("other", first->subject_id, 0).status().reason(), "SUBJECT_UNKNOWN");
  EXPECT_EQ(stored_bytes().find("Wang"), std::string::npos);
  EXPECT_EQ(Vault(*pool, random_bytes(key_bytes)).read("main", first->subject_id, 0).status().code(), Code::internal);
}

TEST_F(StoreTest, ARetryStoresNothing) {
  Vault vault(*pool, random_bytes(key_bytes));
  const auto first = vault.add_person("main", "request-1", wang());
  const auto again = vault.add_person("main", "request-1", wang());
  EXPECT_EQ(first->subject_id, again->subject_id);
  EXPECT_EQ(again->version, 1U);
  auto other = wang();
  other.set_name("Li Na");
  EXPECT_EQ(vault.add_person("main", "request-1", other).status().reason(), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(vault.add_version("main", first->subject_id, "r", other)->version, 2U);
  EXPECT_EQ(vault.add_version("main", first->subject_id, "r", other)->version, 2U);
}

TEST_F(StoreTest, ErasingAPersonErasesTheirTexts) {
  Vault vault(*pool, random_bytes(key_bytes));
  const auto person = vault.add_person("main", "request-1", wang());
  const auto text = vault.add_text("main", "request-2", "My old one broke in Suzhou", person->subject_id);
  const auto elses = vault.add_text("main", "request-3", "Another", "");
  EXPECT_EQ(vault.read("main", person->subject_id, 0)->texts(0), "My old one broke in Suzhou");
  EXPECT_EQ(vault.read("main", *text, 0)->texts(0), "My old one broke in Suzhou");
  ASSERT_TRUE(vault.erase("main", person->subject_id).ok());
  EXPECT_EQ(vault.read("main", person->subject_id, 1).status().reason(), "SUBJECT_ERASED");
  EXPECT_EQ(vault.read("main", *text, 0).status().reason(), "SUBJECT_ERASED");
  EXPECT_TRUE(vault.read("main", *elses, 0).ok());
  EXPECT_TRUE(vault.erase("main", person->subject_id).ok());
  EXPECT_EQ(vault.erase("main", "sub_nobody").reason(), "SUBJECT_UNKNOWN");
  EXPECT_EQ(vault.add_person("main", "request-1", wang()).status().reason(), "SUBJECT_ERASED");
}

TEST_F(StoreTest, TheVaultsKeyIsMadeOnceAndChecked) {
  const auto made = vault_key(*pool, std::nullopt);
  EXPECT_EQ(made, vault_key(*pool, std::nullopt));
  EXPECT_THROW(vault_key(*pool, std::string(64, 'a')), std::runtime_error);
  EXPECT_THROW(vault_key(*pool, "not hexadecimal"), std::runtime_error);
  EXPECT_EQ(installation_secret(*pool, "link"), installation_secret(*pool, "link"));
  EXPECT_NE(installation_secret(*pool, "link"), installation_secret(*pool, "token"));
}

TEST_F(StoreTest, TokensAreVerifiedExpireAndAreRevoked) {
  Tokens tokens(*pool, random_bytes(key_bytes));
  v1::CreateTokenRequest request;
  request.set_role(common::v1::ROLE_MES);
  request.set_label("mes line 1");
  request.set_valid_days(1);
  const auto made = tokens.create("main", "", request, now);
  ASSERT_TRUE(made.ok()) << made.status().to_string();
  EXPECT_EQ(made->secret().size(), 47U);
  EXPECT_EQ(made->secret().substr(0, 4), "lmt_");
  EXPECT_EQ(tokens.verify(made->secret(), now)->role(), common::v1::ROLE_MES);
  EXPECT_EQ(tokens.verify(made->secret(), now + std::chrono::days(1)).status().code(), Code::unauthenticated);
  EXPECT_EQ(tokens.verify("lmt_" + std::string(43, 'A'), now).status().code(), Code::unauthenticated);
  EXPECT_EQ(tokens.verify("", now).status().code(), Code::unauthenticated);
  ASSERT_TRUE(tokens.revoke("main", made->token().token_id(), now).ok());
  EXPECT_TRUE(tokens.revoke("main", made->token().token_id(), now)->revoked());
  EXPECT_FALSE(tokens.verify(made->secret(), now).ok());
  EXPECT_EQ(tokens.revoke("main", "tok_none", now).status().code(), Code::not_found);
  auto connection = pool->acquire();
  EXPECT_NE(connection->exec("SELECT secret_sha256 FROM access_token").one().bytes(0), made->secret());
}

TEST_F(StoreTest, ARetriedTokenIsTheSameToken) {
  Tokens tokens(*pool, random_bytes(key_bytes));
  v1::CreateTokenRequest request;
  request.set_role(common::v1::ROLE_STAFF);
  request.set_label("cli");
  const auto one = tokens.create("main", "key", request, now);
  const auto two = tokens.create("main", "key", request, now);
  EXPECT_EQ(one->secret(), two->secret());
  EXPECT_NE(one->secret(), tokens.create("main", "other key", request, now)->secret());
  request.set_role(common::v1::ROLE_MES);
  EXPECT_EQ(tokens.create("main", "key", request, now).status().reason(), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(tokens.list("main")->size(), 2U);
}

}  // namespace
}  // namespace loomline::intake::store
