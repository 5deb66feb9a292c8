// Field helpers: every way of putting a value into a log line, each with its own guard.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "json_text.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::telemetry {

struct FieldMaker {
  static Field make(std::string_view name, std::string json) { return {name, std::move(json)}; }
};

namespace {

constexpr std::size_t longest_id = 200;
constexpr std::size_t longest_error = 300;
constexpr std::size_t telling_digits = 7;  // a run of this many digits may be a telephone or card number

bool digit(char c) { return c >= '0' && c <= '9'; }
bool alphanumeric(char c) { return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool id_character(char c) { return alphanumeric(c) || std::string_view("_.:/@=+-").find(c) != std::string_view::npos; }
bool mail_character(char c) { return alphanumeric(c) || std::string_view("._%+-").find(c) != std::string_view::npos; }

bool opaque(std::string_view value) {
  if (value.empty() || value.size() > longest_id) return false;
  for (const char c : value) {
    if (!id_character(c)) return false;
  }
  // An e-mail address is made of legal characters, but it names a person.
  const auto at = value.find('@');
  return at == std::string_view::npos || value.find('.', at) == std::string_view::npos;
}

// "Key (email)=(a@b.c) already exists": PostgreSQL quotes row values in parentheses after "=".
std::string mask_row_values(std::string_view text) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text.substr(i, 2) == "=(") {
      out += "=(...)";
      const auto end = text.find(')', i);
      i = end == std::string_view::npos ? text.size() : end + 1;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string mask_mail(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '@') {
      out += text[i];
      continue;
    }
    std::size_t start = out.size();
    while (start > 0 && mail_character(out[start - 1])) --start;
    std::size_t end = i + 1;
    while (end < text.size() && mail_character(text[end])) ++end;
    if (start == out.size() || end == i + 1) {
      out += '@';
      continue;
    }
    out.resize(start);
    out += "[mail]";
    i = end - 1;
  }
  return out;
}

std::string mask_digits(std::string_view text) {
  std::string out;
  std::size_t i = 0;
  while (i < text.size()) {
    if (!digit(text[i])) {
      out += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && digit(text[end])) ++end;
    const bool telling = end - i >= telling_digits;
    out += telling ? std::string("[digits]") : std::string(text.substr(i, end - i));
    i = end;
  }
  return out;
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[i++];
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", byte);
      out += escaped.data();
      ++i;
    } else if (byte < 0x80) {
      out += text[i++];
    } else {
      const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
      bool whole = length != 0 && byte <= 0xf4 && i + length <= text.size();
      for (std::size_t k = 1; whole && k < length; ++k)
        whole = (static_cast<unsigned char>(text[i + k]) & 0xc0U) == 0x80;
      out += whole ? text.substr(i, length) : std::string_view("\\ufffd");
      i += whole ? length : 1;
    }
  }
  return out + '"';
}

namespace field {

Field id(Literal name, std::string_view value) {
  return FieldMaker::make(name.text(), opaque(value) ? json_string(value) : value.empty() ? "\"\"" : "\"[redacted]\"");
}

Field number(Literal name, std::int64_t value) { return FieldMaker::make(name.text(), std::to_string(value)); }

Field number(Literal name, double value) {
  if (!std::isfinite(value)) return FieldMaker::make(name.text(), "null");
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return FieldMaker::make(name.text(), std::string(text.data(), end));
}

Field flag(Literal name, bool value) { return FieldMaker::make(name.text(), value ? "true" : "false"); }
Field time(Literal name, Time value) { return FieldMaker::make(name.text(), json_string(format_rfc3339(value))); }

Field millis(Literal name, std::chrono::nanoseconds value) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
  return number(name, static_cast<double>(micros) / 1000.0);
}

Field status(const Status& status) {
  std::string text(loomline::name(status.code()));
  if (!status.reason().empty()) text += " " + status.reason();
  if (!status.message().empty()) text += ": " + status.message();
  return FieldMaker::make("status", json_string(text));
}

Field error(std::string_view text) {
  std::string masked = mask_digits(mask_mail(mask_row_values(text.substr(0, longest_error * 2))));
  while (!masked.empty() && (masked.back() == '\n' || masked.back() == ' ')) masked.pop_back();
  if (masked.size() > longest_error) masked = masked.substr(0, longest_error) + "...";
  return FieldMaker::make("error", json_string(masked));
}

Field error(const std::exception& exception) { return error(std::string_view(exception.what())); }

}  // namespace field
}  // namespace loomline::telemetry
