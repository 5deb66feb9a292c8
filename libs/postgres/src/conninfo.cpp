#include "src/conninfo.hpp"

#include <algorithm>

#include "loomline/postgres/error.hpp"

namespace loomline::postgres {
namespace {

[[noreturn]] void refuse(const std::string& problem) {
  throw Error(ErrorKind::other, "", "the PostgreSQL connection string is not understood: " + problem);
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

void skip_spaces(std::string_view& rest) {
  while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
}

// Up to the first of `ends`, which stays.
std::string_view take_until(std::string_view& rest, std::string_view ends) {
  const auto at = std::min(rest.find_first_of(ends), rest.size());
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(at);
  return taken;
}

// A value after "keyword=": in quotes, or up to a space; a backslash takes the next character as it is.
std::string take_value(std::string_view& rest, std::string_view keyword) {
  const bool quoted = rest.starts_with("'");
  if (quoted) rest.remove_prefix(1);
  std::string value;
  while (!rest.empty() && (quoted ? rest.front() != '\'' : !is_space(rest.front()))) {
    if (rest.front() == '\\') rest.remove_prefix(1);
    if (rest.empty()) break;
    value.push_back(rest.front());
    rest.remove_prefix(1);
  }
  if (quoted) {
    if (rest.empty()) refuse("the value of " + std::string(keyword) + " has no closing quote");
    rest.remove_prefix(1);
  }
  return value;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) refuse("a % in the URI is not followed by two hexadecimal digits");
    if (high == 0 && low == 0) refuse("the URI holds %00");
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::string_view take_host(std::string_view& rest) {
  if (!rest.starts_with("[")) return take_until(rest, ":/?,");
  rest.remove_prefix(1);
  const auto host = take_until(rest, "]");
  if (rest.empty() || host.empty()) refuse("an IPv6 address in the URI has no closing bracket, or is empty");
  rest.remove_prefix(1);
  if (!rest.empty() && std::string_view(":/?,").find(rest.front()) == std::string_view::npos) {
    refuse("an IPv6 address in the URI is followed by something else than a port or a path");
  }
  return host;
}

}  // namespace

Conninfo Conninfo::parse(std::string_view text) {
  Conninfo out;
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    out.parse_uri(text.substr(text.find("//") + 2));
  } else {
    out.parse_keywords(text);
  }
  return out;
}

void Conninfo::parse_keywords(std::string_view rest) {
  for (skip_spaces(rest); !rest.empty(); skip_spaces(rest)) {
    const auto keyword = take_until(rest, "= \t\n\v\f\r");
    skip_spaces(rest);
    if (keyword.empty()) refuse("a keyword is missing before =");
    // Not the word itself: it may be the rest of a password with a space in it.
    if (!rest.starts_with("=")) refuse("a word is not followed by =; write keyword=value, or quote the value");
    rest.remove_prefix(1);
    skip_spaces(rest);
    set(keyword, take_value(rest, keyword));
  }
}

void Conninfo::parse_uri(std::string_view rest) {
  const auto set_if_given = [this](std::string_view keyword, std::string_view value) {
    if (!value.empty()) set(keyword, decoded(value));
  };
  auto probe = rest;
  auto user = take_until(probe, "@/");
  if (probe.starts_with("@")) {
    rest = probe.substr(1);
    set_if_given("user", take_until(user, ":"));
    if (!user.empty()) set_if_given("password", user.substr(1));
  }
  std::string hosts, ports;
  for (;;) {
    hosts += take_host(rest);
    if (rest.starts_with(":")) {
      rest.remove_prefix(1);
      ports += take_until(rest, "/?,");
    }
    if (!rest.starts_with(",")) break;
    rest.remove_prefix(1);
    hosts += ',';
    ports += ',';
  }
  set_if_given("host", hosts);
  set_if_given("port", ports);
  if (rest.starts_with("/")) {
    rest.remove_prefix(1);
    set_if_given("dbname", take_until(rest, "?"));
  }
  if (!rest.empty()) rest.remove_prefix(1);
  while (!rest.empty()) {
    auto value = take_until(rest, "&");
    if (!rest.empty()) rest.remove_prefix(1);
    const auto keyword = decoded(take_until(value, "="));
    if (keyword.empty() || value.empty()) refuse("a query parameter of the URI is not keyword=value");
    value.remove_prefix(1);
    if (value.find('=') != std::string_view::npos) refuse("a query parameter of the URI has a second =");
    // What JDBC writes.
    if (keyword == "ssl" && value == "true") {
      set("sslmode", "require");
    } else {
      set(keyword, decoded(value));
    }
  }
}

std::string_view Conninfo::get(std::string_view keyword) const {
  for (const auto& [known, value] : values_) {
    if (known == keyword) return value;
  }
  return {};
}

void Conninfo::set(std::string_view keyword, std::string_view value) {
  for (auto& [known, old] : values_) {
    if (known == keyword) {
      old = value;
      return;
    }
  }
  values_.emplace_back(keyword, value);
}

std::string Conninfo::text() const {
  std::string out;
  for (const auto& [keyword, value] : values_) {
    if (!out.empty()) out += ' ';
    out += keyword + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out += '\'';
  }
  return out;
}

}  // namespace loomline::postgres
