// Tokens of UVL. Layout is not a token: each token says whether it is the first of its line and how far it is indented.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::variability {

enum class TokenKind {
  name,    // bare
  quoted,  // "..." (text without the quotes)
  string,  // '...'
  number,  // 12, 0.5, -3
  symbol,  // one of { } [ ] ( ) , . .. * ! & | => <=> and the arithmetic ones < > <= >= == != + - /
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  // into the source
  std::size_t offset = 0;
  int line = 1;
  int column = 1;
  bool starts_line = false;
  int indent = 0;  // of its line, a tab reaching to the next multiple of 8
  bool is(std::string_view symbol) const { return kind == TokenKind::symbol && text == symbol; }
};

bool is_name_start(char c);
bool is_name_part(char c);
bool is_reserved(std::string_view word);  // words that a bare feature name cannot be

// The one form of all errors of a UVL text.
Status uvl_error(std::string_view reason, int line, int column, std::string problem, std::string remedy);
Status uvl_error(std::string_view reason, const Token& at, std::string problem, std::string remedy);
// "'=>'", "the name \"Drive\"", "the end of the text"
std::string describe(const Token& token);

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) { skip_byte_order_mark(); }

  // Reads the next token into `token`. After an error the lexer must not be used further.
  Status next(Token& token);
  std::string_view source() const { return source_; }

  struct Place {
    std::size_t offset = 0;
    std::size_t line_start = 0;
    int line = 1;
    int indent = 0;
    bool fresh_line = true;
  };
  Place place() const { return place_; }
  void go_to(const Place& place) { place_ = place; }

 private:
  void skip_byte_order_mark();
  Status skip_blanks();
  Status skip_comment();
  Status take_quoted(char quote, Token& token);
  Status take_number(Token& token);
  Status take_symbol(Token& token);
  char peek(std::size_t ahead = 0) const {
    return place_.offset + ahead < source_.size() ? source_[place_.offset + ahead] : '\0';
  }
  bool at_end() const { return place_.offset >= source_.size(); }
  void new_line();

  std::string_view source_;
  Place place_;
};

// ok, or UVL_SYNTAX for the first byte that is not well-formed UTF-8 or is a control character.
Status check_text(std::string_view source);

}  // namespace loomline::variability
