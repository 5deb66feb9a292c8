#include "pages/texts.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <stdexcept>

#include "api/embedded.hpp"

namespace loomline::edge {
namespace {

namespace json = boost::json;
using Catalogue = std::map<std::string, std::string, std::less<>>;

// A key without a text in the language is not there.
Catalogue load(std::string_view language) {
  Catalogue out;
  const auto parsed = json::parse(embedded::messages());
  for (const auto& [key, texts] : parsed.as_object())
    if (const auto* text = texts.as_object().if_contains(language); text)
      out.emplace(std::string(key), std::string(text->as_string()));
  return out;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Thousandths: "zh-CN;q=0.8" -> 800.
int quality_of(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == parameters.npos) return 1000;
  const std::string_view digits = trim(parameters.substr(at + 2));
  if (digits.starts_with('1')) return 1000;
  int thousandths = 0;
  const std::string padded = std::string(digits.substr(std::min<std::size_t>(2, digits.size()), 3)) + "000";
  std::from_chars(padded.data(), padded.data() + 3, thousandths);
  return thousandths;
}

Language accepted(std::string_view header) {
  int best = 0;
  Language language = Language::en;
  while (!header.empty()) {
    const std::string_view item = trim(header.substr(0, header.find(',')));
    header.remove_prefix(
        std::min(header.size(), header.find(',') == header.npos ? header.size() : header.find(',') + 1));
    const std::size_t semicolon = item.find(';');
    const int quality = semicolon == item.npos ? 1000 : quality_of(item.substr(semicolon + 1));
    const std::string_view name = item.substr(0, semicolon);
    const bool chinese = name.starts_with("zh") || name.starts_with("ZH");
    const bool english = name.starts_with("en") || name.starts_with("EN");
    if ((chinese || english) && quality > best) {
      best = quality;
      language = chinese ? Language::zh : Language::en;
    }
  }
  return language;
}

}  // namespace

Language language_of(const http::Request& request) {
  if (const auto chosen = request.query_param("lang")) return chosen->starts_with("zh") ? Language::zh : Language::en;
  return accepted(request.headers.get("Accept-Language").value_or(""));
}

std::string_view tag_of(Language language) { return language == Language::zh ? "zh-Hans" : "en"; }

std::string chosen_language(const http::Request& request) {
  if (!request.query_param("lang")) return {};
  return language_of(request) == Language::zh ? "lang=zh" : "lang=en";
}

const Catalogue& catalogue(Language language) {
  static const Catalogue en = load("en");
  static const Catalogue zh = load("zh");
  return language == Language::zh ? zh : en;
}

bool has_text(Language language, std::string_view key) { return catalogue(language).contains(key); }

std::string say(Language language, std::string_view key, Values values) {
  const auto found = catalogue(language).find(key);
  if (found == catalogue(language).end()) return std::string(key);
  std::string out = found->second;
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + std::string(name) + "}";
    for (std::size_t at = out.find(mark); at != out.npos; at = out.find(mark, at + value.size()))
      out.replace(at, mark.size(), value);
  }
  return out;
}

}  // namespace loomline::edge
