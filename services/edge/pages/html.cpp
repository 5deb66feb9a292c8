#include "pages/html.hpp"

#include "api/embedded.hpp"
#include "loomline/base/hash.hpp"
#include "loomline/http/url.hpp"

namespace loomline::edge {
namespace {

std::string version_of(std::string_view content) { return sha256_hex(content).substr(0, 12); }

Html language_switch(const PageFrame& frame) {
  Html out;
  const bool zh = frame.language == Language::zh;
  out << "<nav class=languages aria-label=\"" << Text(say(frame.language, "nav.language"))
      << "\"><a lang=en hreflang=en href=\"" << Text(frame.address + "?lang=en") << "\"";
  if (!zh) out << " aria-current=true";
  out << ">English</a><a lang=zh-Hans hreflang=zh-Hans href=\"" << Text(frame.address + "?lang=zh") << "\"";
  if (zh) out << " aria-current=true";
  out << ">中文</a></nav>";
  return out;
}

}  // namespace

Html& Html::operator<<(const Text& text) {
  out_ += http::escape_html(text.value);
  return *this;
}

std::string style_address() {
  static const std::string address = "/assets/style.css?v=" + version_of(embedded::style_css());
  return address;
}
std::string script_address() {
  static const std::string address = "/assets/tracking.js?v=" + version_of(embedded::tracking_js());
  return address;
}

Html icon(std::string_view name) {
  Html out;
  out << "<svg class=icon viewBox=\"0 0 24 24\" aria-hidden=true focusable=false><path d=\"";
  if (name == "check") out << "M5 13l4 4L19 7";
  if (name == "back") out << "M9 14l-5-5 5-5M4 9h10a6 6 0 0 1 0 12h-3";
  if (name == "pause") out << "M9 5v14M15 5v14";
  if (name == "clock") out << "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z";
  if (name == "document") out << "M14 3v5h5M14 3H6a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V8zM9 13h6M9 17h4";
  if (name == "alert") out << "M12 8v5M12 16.5v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z";
  if (name == "cross") out << "M6 6l12 12M18 6L6 18";
  out << "\"/></svg>";
  return out;
}

http::Response render(const PageFrame& frame, int status) {
  Html out;
  out << "<!doctype html>\n<html lang=\"" << Text(tag_of(frame.language)) << "\"><head><meta charset=utf-8>"
      << "<meta name=viewport content=\"width=device-width,initial-scale=1\"><meta name=color-scheme content=\"light "
         "dark\">"
      << "<meta name=robots content=noindex><title>" << Text(frame.title) << " · Loomline</title><link rel=icon "
      << "type=\"image/svg+xml\" href=\"/assets/icon.svg\"><link rel=stylesheet href=\"" << Text(style_address())
      << "\">";
  if (frame.live) out << "<script type=module src=\"" << Text(script_address()) << "\"></script>";
  out << "</head><body><a class=skip href=\"#main\">" << Text(say(frame.language, "nav.skip"))
      << "</a><header class=bar><div class=wrap><span class=brand><img src=\"/assets/icon.svg\" alt=\"\" width=28 "
      << "height=28>Loomline</span><span class=spacer></span>" << frame.actions << language_switch(frame)
      << "</div></header><main id=main class=wrap>" << frame.main << "</main></body></html>\n";
  http::Response response = http::html_response(out.str(), status);
  response.headers.set("Vary", "Accept-Language, Cookie");
  response.headers.set("Content-Language", std::string(tag_of(frame.language)));
  return response;
}

}  // namespace loomline::edge
