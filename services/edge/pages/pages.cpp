#include "pages/pages.hpp"

#include "api/embedded.hpp"
#include "pages/html.hpp"
#include "pages/message_page.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;

http::Response asset(std::string_view content, std::string type) {
  http::Response response;
  response.body = std::string(content);
  response.content_type = std::move(type);
  // Addresses of pages carry a version; whoever asks without one may keep it for a while.
  response.headers.set("Cache-Control", "public, max-age=3600");
  return response;
}

Door open_door(std::string path, Door::Answer answer, bool never_blocks = true) {
  Door door;
  door.verb = "GET";
  door.path = std::move(path);
  door.roles = {v1::ROLE_ANYONE};
  door.never_blocks = never_blocks;
  door.answer = std::move(answer);
  return door;
}

http::Response readiness(rpc::Directory& peers) {
  std::string missing;
  for (const auto& service : peers.services()) {
    const auto channel = peers.find(service);
    if (!channel.ok() || !(*channel)->healthy()) missing += (missing.empty() ? "" : ", ") + service;
  }
  if (missing.empty()) return http::text_response("ready\n");
  return http::text_response("not ready: " + missing + "\n", 503);
}

}  // namespace

std::vector<Door> page_doors(const PageContext& context) {
  std::vector<Door> doors = tracking_doors(context);
  for (auto& door : ops_doors(context)) doors.push_back(std::move(door));
  const auto fixed = [&](std::string path, std::string_view content, std::string type) {
    doors.push_back(open_door(
        std::move(path),
        [content, type = std::move(type)](const Principal&, const http::Request&) { return asset(content, type); }));
  };
  fixed("/assets/style.css", embedded::style_css(), "text/css; charset=utf-8");
  fixed("/assets/tracking.js", embedded::tracking_js(), "text/javascript; charset=utf-8");
  fixed("/assets/icon.svg", embedded::icon_svg(), "image/svg+xml");
  fixed("/favicon.ico", embedded::icon_svg(), "image/svg+xml");
  fixed("/openapi.json", context.openapi, "application/json");
  doors.push_back(open_door("/", [](const Principal&, const http::Request& request) { return welcome_page(request); }));
  doors.push_back(
      open_door("/healthz", [](const Principal&, const http::Request&) { return http::text_response("ok\n"); }));
  doors.back().unlimited = true;
  doors.push_back(open_door(
      "/readyz", [&peers = context.peers](const Principal&, const http::Request&) { return readiness(peers); }, false));
  doors.back().unlimited = true;
  return doors;
}

}  // namespace loomline::edge
