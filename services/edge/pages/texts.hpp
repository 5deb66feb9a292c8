// The words of the pages, in every language under one key: web/messages.json.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "loomline/http/message.hpp"

namespace loomline::edge {

enum class Language { en, zh };

// ?lang= where given, else the best of Accept-Language, else English.
Language language_of(const http::Request& request);
// "en", "zh-Hans": for the lang attribute.
std::string_view tag_of(Language language);
// "lang=zh" where the request chose it, so that links keep the choice; empty otherwise.
std::string chosen_language(const http::Request& request);

using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

// The text of a key, with {name} replaced. A missing key gives the key itself: a test finds it, a customer is not shown
// an error.
std::string say(Language language, std::string_view key, Values values = {});
bool has_text(Language language, std::string_view key);
const std::map<std::string, std::string, std::less<>>& catalogue(Language language);

}  // namespace loomline::edge
