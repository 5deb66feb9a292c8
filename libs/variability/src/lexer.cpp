#include "lexer.hpp"

#include <algorithm>
#include <array>

namespace loomline::variability {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '#' || c == '%' || c == '?' || c == '\'' || c == ';';
}

bool is_reserved(std::string_view word) {
  static constexpr std::array<std::string_view, 18> words{
      "features", "constraints", "namespace", "imports", "include",     "mandatory", "optional", "or",    "alternative",
      "Boolean",  "Integer",     "Real",      "String",  "cardinality", "as",        "true",     "false", "constraint"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

Status uvl_error(std::string_view reason, int line, int column, std::string problem, std::string remedy) {
  const std::string where = "line " + std::to_string(line) + ", column " + std::to_string(column);
  return Status(Code::invalid_argument, std::string(reason), "The product model cannot be read: " + where + ".")
      .with({where, std::move(problem), std::move(remedy)});
}
Status uvl_error(std::string_view reason, const Token& at, std::string problem, std::string remedy) {
  return uvl_error(reason, at.line, at.column, std::move(problem), std::move(remedy));
}

std::string describe(const Token& token) {
  const std::string text(token.text.substr(0, 60));
  switch (token.kind) {
    case TokenKind::name:
    case TokenKind::quoted:
      return "the name \"" + text + "\"";
    case TokenKind::string:
      return "the string '" + text + "'";
    case TokenKind::number:
      return "the number " + text;
    case TokenKind::symbol:
      return "'" + text + "'";
    case TokenKind::end:
      return "the end of the text";
  }
  return {};
}

void Lexer::skip_byte_order_mark() {
  if (source_.starts_with("\xEF\xBB\xBF")) place_.offset = place_.line_start = 3;
}

void Lexer::new_line() {
  ++place_.offset;
  ++place_.line;
  place_.line_start = place_.offset;
  place_.fresh_line = true;
  place_.indent = 0;
}

Status Lexer::skip_comment() {
  if (peek(1) == '/') {
    while (!at_end() && peek() != '\n') ++place_.offset;
    return {};
  }
  const int line = place_.line;
  const int column = static_cast<int>(place_.offset - place_.line_start) + 1;
  place_.offset += 2;
  while (!at_end() && !(peek() == '*' && peek(1) == '/')) {
    if (peek() == '\n') {
      new_line();
    } else {
      ++place_.offset;
    }
  }
  if (at_end()) return uvl_error("UVL_SYNTAX", line, column, "the comment /* is never closed", "close it with */");
  place_.offset += 2;
  return {};
}

Status Lexer::skip_blanks() {
  while (!at_end()) {
    const char c = peek();
    if (c == '\n') {
      new_line();
    } else if (c == ' ' || c == '\t') {
      if (place_.fresh_line) place_.indent = c == ' ' ? place_.indent + 1 : (place_.indent / 8 + 1) * 8;
      ++place_.offset;
    } else if (c == '\r') {
      ++place_.offset;
    } else if (c == '/' && (peek(1) == '/' || peek(1) == '*')) {
      if (Status status = skip_comment(); !status.ok()) return status;
    } else {
      break;
    }
  }
  return {};
}

Status Lexer::next(Token& token) {
  if (Status status = skip_blanks(); !status.ok()) return status;
  token = Token{};
  token.offset = place_.offset;
  token.line = place_.line;
  token.column = static_cast<int>(place_.offset - place_.line_start) + 1;
  token.starts_line = place_.fresh_line;
  token.indent = place_.indent;
  place_.fresh_line = false;
  if (at_end()) {
    token.starts_line = true;
    token.indent = 0;
    return {};
  }
  const char c = peek();
  if (c == '"' || c == '\'') return take_quoted(c, token);
  const bool minus = c == '-' && peek(1) >= '0' && peek(1) <= '9';
  if ((c >= '0' && c <= '9') || minus) return take_number(token);
  if (!is_name_start(c)) return take_symbol(token);
  token.kind = TokenKind::name;
  while (!at_end() && is_name_part(peek())) ++place_.offset;
  token.text = source_.substr(token.offset, place_.offset - token.offset);
  return {};
}

Status Lexer::take_quoted(char quote, Token& token) {
  ++place_.offset;
  const std::size_t begin = place_.offset;
  while (!at_end() && peek() != quote && peek() != '\n') ++place_.offset;
  if (peek() != quote || at_end())
    return uvl_error("UVL_SYNTAX", token, std::string("the text that begins with ") + quote + " is not closed",
                     std::string("close it with ") + quote + " on the same line");
  token.kind = quote == '"' ? TokenKind::quoted : TokenKind::string;
  token.text = source_.substr(begin, place_.offset - begin);
  ++place_.offset;
  return {};
}

Status Lexer::take_number(Token& token) {
  const auto digits = [this] {
    while (peek() >= '0' && peek() <= '9') ++place_.offset;
  };
  if (peek() == '-') ++place_.offset;
  digits();
  if (peek() == '.' && peek(1) >= '0' && peek(1) <= '9') {
    ++place_.offset;
    digits();
  }
  if (!at_end() && is_name_part(peek()))
    return uvl_error("UVL_SYNTAX", token, "a number is followed by letters",
                     "put a name that begins with a digit in double quotes, for example \"64BIT\"");
  token.kind = TokenKind::number;
  token.text = source_.substr(token.offset, place_.offset - token.offset);
  return {};
}

Status Lexer::take_symbol(Token& token) {
  static constexpr std::array<std::string_view, 27> symbols{"<=>", "=>", "<=", ">=", "==", "!=", "..", "{", "}",
                                                            "[",   "]",  "(",  ")",  ",",  ".",  "*",  "!", "&",
                                                            "|",   "<",  ">",  "+",  "-",  "/",  "=",  ":", "@"};
  for (const std::string_view symbol : symbols) {
    if (source_.substr(place_.offset, symbol.size()) != symbol) continue;
    token.kind = TokenKind::symbol;
    token.text = source_.substr(place_.offset, symbol.size());
    place_.offset += symbol.size();
    return {};
  }
  return uvl_error("UVL_SYNTAX", token, std::string("the character '") + peek() + "' has no meaning here",
                   "put names with special characters in double quotes");
}

namespace {

// Length of the well-formed UTF-8 sequence at `at`, 0 where it is malformed (RFC 3629: no overlong forms, no
// surrogates).
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto continued = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continued(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continued(1) || !continued(2)) return 0;
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continued(1) || !continued(2) || !continued(3)) return 0;
    const bool outside = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
    return outside ? 0 : 4;
  }
  return 0;
}

}  // namespace

Status check_text(std::string_view source) {
  int line = 1;
  std::size_t line_start = 0;
  for (std::size_t at = 0; at < source.size();) {
    const char c = source[at];
    const std::size_t length = sequence_length(source, at);
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r';
    if (length == 0 || control || c == 0x7F)
      return uvl_error("UVL_SYNTAX", line, static_cast<int>(at - line_start) + 1,
                       length == 0 ? "the bytes are not UTF-8" : "a control character stands here",
                       "save the model as plain UTF-8 text");
    at += length;
    if (c == '\n') {
      ++line;
      line_start = at;
    }
  }
  return {};
}

}  // namespace loomline::variability
