// Every door times everybody who may knock.
#include <algorithm>
#include <set>

#include "api/gateway.hpp"
#include "edge_fixture.hpp"
#include "pages/pages.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;

struct Visitor {
  const char* name;
  Role role;
  const char* token;  // empty: none
  const char* link;   // empty: none
};

constexpr Visitor kVisitors[] = {
    {"nobody", v1::ROLE_ANYONE, "", ""},
    {"somebody with a token of his own making", v1::ROLE_ANYONE, "lmt_guess", ""},
    {"somebody with a link of his own making", v1::ROLE_ANYONE, "", "guess"},
    {"portal", v1::ROLE_PORTAL, "lmt_portal", ""},
    {"staff", v1::ROLE_STAFF, "lmt_staff", ""},
    {"mes", v1::ROLE_MES, "lmt_mes", ""},
    {"ticketing", v1::ROLE_TICKETING, "lmt_ticketing", ""},
    {"customer", v1::ROLE_CUSTOMER, "", "link-1"},
    {"customer of another order", v1::ROLE_CUSTOMER, "", "link-2"},
};

std::vector<Door> all_doors(const PageContext& context) {
  auto doors = api_doors(context.peers);
  for (auto& door : page_doors(context)) doors.push_back(std::move(door));
  return doors;
}

// Whether the visitor's credential stands where the door looks for one.
bool shows(const Visitor& visitor, const Door& door) {
  if (door.shown == Shown::path_link) return *visitor.link != '\0';
  if (door.shown == Shown::cookie) return *visitor.token != '\0';
  return true;
}

http::Request knock(const Visitor& visitor, const Door& door) {
  http::Request request;
  request.method = door.verb;
  request.target = door.path;
  for (const auto& field : path_fields(door.path)) {
    const std::string value = field == "order_id" ? "ord_1"
                              : field == "link"   ? (*visitor.link ? visitor.link : "none")
                                                  : "x";
    request.target.replace(request.target.find("{" + field + "}"), field.size() + 2, value);
  }
  if (door.shown == Shown::header && *visitor.token)
    request.headers.set("Authorization", std::string("Bearer ") + visitor.token);
  if (door.shown == Shown::header && *visitor.link)
    request.headers.set("Authorization", std::string("Link ") + visitor.link);
  if (door.shown == Shown::cookie) request.headers.set("Cookie", std::string(session_cookie) + "=" + visitor.token);
  return request;
}

bool should_open(const Visitor& visitor, const Door& door) {
  if (door.roles.contains(v1::ROLE_ANYONE)) return true;
  if (!shows(visitor, door) || !door.roles.contains(visitor.role)) return false;
  const bool own = std::string_view(visitor.link) == "link-1";
  return visitor.role != v1::ROLE_CUSTOMER || own || door.shown == Shown::path_link;
}

class AccessTest : public EdgeTest {};

TEST_F(AccessTest, EveryDoorOpensToWhomTheTableNamesAndToNobodyElse) {
  Access access(services.peers(), std::chrono::seconds(5));
  const std::string document;
  const auto doors = all_doors({services.peers(), access, false, document});
  ASSERT_GT(doors.size(), 50U);
  int closed = 0;
  for (const auto& door : doors) {
    if (door.path == "/ops/login") continue;  // a form that is open to all and says 401 itself; see OpsTest
    for (const auto& visitor : kVisitors) {
      if (door.stream && should_open(visitor, door)) continue;  // does not end; see GatewayTest
      const auto response = client->request(knock(visitor, door));
      ASSERT_TRUE(response.ok()) << door.verb << " " << door.path << ": " << response.status().to_string();
      const bool open = response->status != 401 && response->status != 403;
      EXPECT_EQ(open, should_open(visitor, door))
          << visitor.name << " at " << door.verb << " " << door.path << ": " << response->status;
      closed += open ? 0 : 1;
    }
  }
  EXPECT_GT(closed, 200);
}

TEST_F(AccessTest, DoorsOfTheContractsHaveTheRolesOfTheContracts) {
  const auto doors = api_doors(services.peers());
  ASSERT_EQ(doors.size(), api_routes().size());
  for (const auto& door : doors) {
    Roles declared;
    for (int i = 0; i < door.api->method->options().ExtensionSize(v1::http); ++i) {
      const auto& route = door.api->method->options().GetExtension(v1::http, i);
      if (route.path() != door.path || route.verb() != door.verb) continue;
      for (const int role : route.roles()) declared.insert(static_cast<Role>(role));
    }
    EXPECT_EQ(door.roles, declared) << door.path;
    EXPECT_FALSE(declared.contains(v1::ROLE_UNSPECIFIED)) << door.path;
  }
}

// The pages stand in no contract: this is their table.
TEST_F(AccessTest, PagesAreExactlyThese) {
  Access access(services.peers(), std::chrono::seconds(5));
  const std::string document;
  std::set<std::string> found;
  for (const auto& door : page_doors({services.peers(), access, false, document})) {
    std::string roles;
    for (const auto role : door.roles) roles += " " + std::string(role_name(role));
    found.insert(door.verb + " " + door.path + roles);
  }
  EXPECT_EQ(found,
            (std::set<std::string>{
                "GET / anyone", "GET /assets/icon.svg anyone", "GET /assets/style.css anyone",
                "GET /assets/tracking.js anyone", "GET /favicon.ico anyone", "GET /healthz anyone",
                "GET /openapi.json anyone", "GET /ops staff", "GET /ops/orders/{order_id} staff", "GET /readyz anyone",
                "GET /t/{link} customer", "GET /t/{link}/certificate customer", "GET /t/{link}/events customer",
                "POST /ops/dead-letters/{dead_letter_id}/drop staff",
                "POST /ops/dead-letters/{dead_letter_id}/replay staff", "POST /ops/login anyone",
                "POST /ops/logout anyone", "POST /t/{link}/survey customer", "POST /t/{link}/tickets customer"}));
}

TEST_F(AccessTest, NothingElseIsServed) {
  for (const char* path :
       {"/metrics", "/debug", "/t", "/t/", "/assets/", "/assets/../main.cpp", "/.git/config", "/v1", "/ops/"})
    EXPECT_EQ(get(path, "Bearer lmt_staff").status, 404) << path;
}

TEST_F(AccessTest, SaysWhatIsMissing) {
  const auto missing = get("/v1/orders/ord_1/journey");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(http::status_of(missing).reason(), "CREDENTIAL_MISSING");
  EXPECT_TRUE(missing.headers.get("WWW-Authenticate").has_value());
  EXPECT_EQ(http::status_of(get("/v1/orders/ord_1/journey", "Basic x")).reason(), "AUTHORIZATION_HEADER");
  EXPECT_EQ(http::status_of(get("/v1/orders/ord_1/journey", "Bearer lmt_mes")).reason(), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(http::status_of(get("/v1/orders/ord_2/journey", "Link link-1")).reason(), "LINK_SCOPE");
}

TEST_F(AccessTest, AsksIntakeOnceInAWhile) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get("/v1/orders/ord_1/journey", "Bearer lmt_staff").status, 200);
  EXPECT_EQ(services.verified, 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/v1/orders/ord_1/journey", "Bearer lmt_wrong").status, 401);
  EXPECT_EQ(services.verified, 2);
}

TEST_F(AccessTest, ABadTokenThatIsMadeGoodIsRefusedNoLongerThanItIsRemembered) {
  Access access(services.peers(), std::chrono::seconds(5), {}, std::chrono::milliseconds(0));
  const Credential late{Credential::Kind::token, "lmt_late"};
  const http::Request request;
  // However many others its address has tried.
  for (int i = 0; i < 40; ++i) {
    const Credential guess{Credential::Kind::token, "x" + std::to_string(i)};
    EXPECT_FALSE(access.identify(i == 5 ? late : guess, request).ok());
  }
  EXPECT_EQ(access.identify({Credential::Kind::token, "lmt_mes"}, request).status().reason(), "TOO_MANY_GUESSES");
  services.make_token("lmt_late", v1::ROLE_PORTAL);
  const auto principal = access.identify(late, request);
  ASSERT_TRUE(principal.ok()) << principal.status().to_string();
  EXPECT_EQ(principal->role, v1::ROLE_PORTAL);
}

}  // namespace
}  // namespace loomline::edge
