#include "api/routes.hpp"

#include <memory>

#include "api/refused.hpp"

namespace loomline::edge {
namespace {

Result<Credential> credential_for(const Door& door, const http::Request& request) {
  switch (door.shown) {
    case Shown::path_link: {
      const auto link = request.path_param("link");
      if (!link) return Credential{};
      return Credential{Credential::Kind::link, std::string(*link)};
    }
    case Shown::cookie: {
      const auto token = request.cookie(session_cookie);
      if (!token || token->empty()) return Credential{};
      return Credential{Credential::Kind::token, *token};
    }
    case Shown::header:
      break;
  }
  return credential_of(request);
}

// A form of another site must not act with a person's cookie. SameSite=Strict keeps it from being sent; this refuses it
// where a browser would send it nevertheless.
bool from_another_site(const Door& door, const http::Request& request) {
  if (door.shown != Shown::cookie || door.verb == "GET") return false;
  const auto site = request.headers.get("Sec-Fetch-Site");
  return site && *site != "same-origin" && *site != "none";
}

// The guard of all doors.
struct Guard {
  Access& access;
  CallLimits& limits;
};

double cost_of(const Door& door) { return door.unlimited ? 0 : door.verb == "GET" ? 1 : 4; }

Result<Principal> identify(const Door& door, const http::Request& request, Guard guard, Seconds& wait) {
  if (from_another_site(door, request))
    return Status(Code::permission_denied, "FOREIGN_FORM", "This form was not sent from its own page.");
  const auto credential = credential_for(door, request);
  if (!credential.ok()) return credential.status();
  const bool open_to_all = door.roles.contains(common::v1::ROLE_ANYONE);
  if (open_to_all && door.shown == Shown::header) return Principal{};
  auto principal = guard.access.identify(*credential, request, &wait);
  if (!principal.ok() && open_to_all) return Principal{};
  return principal;
}

Result<Principal> admit(const Door& door, const http::Request& request, Guard guard, Seconds& wait) {
  auto principal = identify(door, request, guard, wait);
  if (!principal.ok()) return principal.status();
  if (auto status = guard.limits.take(*principal, request, cost_of(door), wait); !status.ok()) return status;
  // A link in a page's path is for the order that it names; elsewhere the path says which order is meant.
  const std::string order_id =
      door.shown == Shown::path_link ? principal->order_id : std::string(request.path_param("order_id").value_or(""));
  if (auto status = Access::authorize(*principal, door.roles, order_id); !status.ok()) return status;
  return principal;
}

http::Response refuse(const Door& door, const Status& status, const http::Request& request, Seconds wait) {
  auto response = door.refuse ? door.refuse(status, request) : http::problem(status, request.trace_id);
  if (response.status == 429) response.headers.set("Retry-After", std::to_string(whole_seconds(wait)));
  return response;
}

}  // namespace

void install(std::vector<Door> doors, http::Server& server, Access& access, CallLimits& limits) {
  const Guard guard{access, limits};
  for (auto& given : doors) {
    auto door = std::make_shared<const Door>(std::move(given));
    if (door->stream) {
      server.stream(
          door->path,
          [door, guard](const http::Request& request, http::EventStream stream) -> std::optional<http::Response> {
            Seconds wait{};
            const auto principal = admit(*door, request, guard, wait);
            if (!principal.ok()) return refuse(*door, principal.status(), request, wait);
            return door->open(*principal, request, std::move(stream));
          });
      continue;
    }
    server.route(door->verb, door->path,
                 [door, guard](const http::Request& request) {
                   Seconds wait{};
                   const auto principal = admit(*door, request, guard, wait);
                   if (!principal.ok()) return refuse(*door, principal.status(), request, wait);
                   return door->answer(*principal, request);
                 },
                 {.max_body_bytes = door->max_body_bytes, .on_io_thread = door->never_blocks});
  }
}

}  // namespace loomline::edge
