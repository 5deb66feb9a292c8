#include "pages/message_page.hpp"

namespace loomline::edge {
namespace {

std::string_view kind_of(Code code) {
  switch (code) {
    case Code::unauthenticated:
    case Code::permission_denied:
      return "link";
    case Code::not_found:
      return "missing";
    case Code::unavailable:
    case Code::deadline_exceeded:
    case Code::resource_exhausted:
      return "busy";
    default:
      return "failed";
  }
}

}  // namespace

http::Response welcome_page(const http::Request& request) {
  PageFrame frame;
  frame.language = language_of(request);
  frame.address = "/";
  frame.title = say(frame.language, "welcome.title");
  frame.main << "<section class=\"card notice-page\"><h1>" << Text(say(frame.language, "welcome.title")) << "</h1><p>"
             << Text(say(frame.language, "welcome.text")) << "</p><p class=links><a class=button href=\"/ops\">"
             << Text(say(frame.language, "welcome.ops"))
             << "</a> <a class=\"button quiet\" href=\"/openapi.json\">OpenAPI</a></p></section>";
  return render(frame);
}

http::Response refusal_page(const Status& status, const http::Request& request) {
  PageFrame frame;
  frame.language = language_of(request);
  frame.address = request.path;
  const std::string key = "refused." + std::string(kind_of(status.code()));
  frame.title = say(frame.language, key + ".title");
  frame.main << "<section class=\"card notice-page\"><h1>" << Text(frame.title) << "</h1><p>"
             << Text(say(frame.language, key + ".text")) << "</p><p class=\"muted small\">"
             << Text(say(frame.language, "refused.trace")) << " <code>" << Text(request.trace_id)
             << "</code></p></section>";
  return render(frame, http::http_status(status.code()));
}

}  // namespace loomline::edge
